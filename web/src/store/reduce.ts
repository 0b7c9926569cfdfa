// One event to the next view. Live table, spectator and replayer all go through here.
import {
  type Of,
  unheardOf,
  type HandComplete,
  type HandStarted,
  type PlayerAction,
  type RoomEvent,
  type StreetAdvanced,
  type Timer,
} from "../api/events";
import type { BlindKind } from "../api/common";
import { provisionalLegal } from "./provisional";
import {
  awardFrom,
  boardsOf,
  emptySeat,
  legalFrom,
  seatOf,
  type HandView,
  type SeatView,
  type TimerView,
  type View,
} from "./view";

/** Applies exactly the next event. Older ones change nothing; a gap is the caller's business. */
export function reduce(v: View, e: RoomEvent): View {
  if (e.seq <= v.seq) return v;
  return { ...apply(v, e), seq: e.seq };
}

const patch = (v: View, index: number, change: Partial<SeatView>): SeatView[] =>
  v.seats.map((s) => (s.index === index ? { ...s, ...change } : s));
const timerOf = (t: Timer | null | undefined): TimerView | null =>
  t
    ? {
        seat: t.actorSeat,
        turn: t.turn,
        startedAt: t.startedAt,
        deadlineAt: t.deadlineAt,
        bankSecs: t.timebankRemaining,
        expiresAt: t.expiresAt,
      }
    : null;

/** Sets whose turn it is, and what I may do if it is mine. Servers of before say that only in a snapshot. */
function turn(v: View, { timer: t, handLabel: label }: { timer: Timer | null; handLabel?: string }): View {
  const timer = timerOf(t);
  const mine = timer !== null && timer.seat === v.me.seat;
  const next = { ...v, timer };
  return {
    ...next,
    me: {
      ...v.me,
      legal: !mine ? null : t?.legalActions ? legalFrom(t.legalActions) : provisionalLegal(next),
      label: label ?? v.me.label,
      bankSecs: mine ? timer.bankSecs : v.me.bankSecs,
    },
  };
}

function apply(v: View, e: RoomEvent): View {
  const known = "displayName" in e && e.displayName ? { ...v, names: { ...v.names, [e.userId]: e.displayName } } : v;
  switch (e.type) {
    case "hand_started":
      return handStarted(v, e);
    case "player_action":
      return playerAction(v, e);
    case "street_advanced":
      return streetAdvanced(v, e);
    case "pot_distributed": {
      if (!v.hand) return v;
      const hand: HandView = { ...v.hand, phase: "showdown", awards: [...v.hand.awards, awardFrom(e)] };
      return { ...v, hand, timer: null, me: { ...v.me, legal: null } };
    }
    case "hand_complete":
      return handComplete(v, e);
    case "runs_asked":
    case "runs_answered":
    case "runs_decided":
    case "run_dealt":
      return runs(v, e);
    case "cards_shown":
    case "rabbit_shown":
    case "bounty_paid":
      return afterHand(v, e);
    default:
      return room(known, e);
  }
}

const isLatePost = (kind: BlindKind): kind is NonNullable<SeatView["posted"]> =>
  kind === "straddle" || kind === "posted_big_blind" || kind === "dead_small_blind";

function handStarted(v: View, e: HandStarted): View {
  const dealt = new Map(e.seats.map((s) => [s.seatIndex, s]));
  const posted = new Map(e.blinds.flatMap((b) => (isLatePost(b.kind) ? [[b.seatIndex, b.kind] as const] : [])));
  const seats = v.seats.map((s): SeatView => {
    const d = dealt.get(s.index);
    const clean = {
      ...s,
      shown: null,
      lastAction: null,
      won: 0,
      handRank: null,
      folded: false,
      allIn: false,
      bet: 0,
      inHand: false,
    };
    return d
      ? {
          ...clean,
          chips: d.chips,
          bet: d.bet,
          inHand: true,
          // A bomb pot pays nothing of it.
          ...(e.kind === "bomb_pot" ? {} : { owes: [], waitsFor: null }),
          allIn: d.chips === 0,
          posted: posted.get(s.index) ?? null,
        }
      : clean;
  });
  const first = e.buttonBlind || e.bigBlind;
  const straddles = e.blinds.filter((b) => b.kind === "straddle").map((b) => b.amount);
  const blind = (kind: string) => e.blinds.find((b) => b.kind === kind)?.seatIndex ?? null;
  const hand: HandView = {
    id: e.handId,
    number: e.handNumber,
    variant: e.variant,
    kind: e.kind,
    phase: "preflop",
    board: [],
    boards: Array.from({ length: e.boardCount }, () => []),
    runs: null,
    question: null,
    pot: e.pot,
    pots: [],
    currentBet: e.kind === "bomb_pot" ? 0 : Math.max(first, ...e.seats.map((s) => s.bet)),
    step: Math.max(first, ...straddles),
    buttonSeat: e.buttonSeat,
    buttonDead: e.buttonDead,
    smallBlind: e.smallBlind,
    bigBlind: e.bigBlind,
    ante: e.ante,
    smallBlindSeat: blind("small_blind"),
    bigBlindSeat: blind("big_blind"),
    awards: [],
    rabbit: null,
    winners: [],
  };
  const me = { ...v.me, cards: e.yourCards ?? null, label: null, legal: null };
  return turn(
    {
      ...v,
      seats,
      hand,
      handNumber: e.handNumber,
      variant: e.variant,
      nextHandAt: null,
      gameStatus: v.gameStatus === "waiting" ? "active" : v.gameStatus,
      me,
    },
    e,
  );
}

function playerAction(v: View, e: PlayerAction): View {
  if (!v.hand) return v;
  const raised = e.bet - v.hand.currentBet;
  const allIn = e.chips === 0 && e.action !== "FOLD" && e.action !== "CHECK";
  const step = Math.max(raised, v.hand.step);
  const label = allIn && e.action !== "CALL" ? "ALL_IN" : e.action;
  let seats = patch(v, e.seatIndex, {
    chips: e.chips,
    bet: e.bet,
    allIn,
    posted: null,
    ...(e.action === "FOLD" ? { folded: true } : {}),
    lastAction: { action: label, amount: e.action === "CALL" ? e.amount : e.bet },
  });
  let pot = e.pot;
  const back = e.returned;
  if (back) {
    pot -= back.amount;
    seats = seats.map((s) =>
      s.index === back.seatIndex
        ? { ...s, chips: back.chips, bet: Math.max(0, s.bet - back.amount), allIn: back.chips === 0 }
        : s,
    );
  }
  const hand = { ...v.hand, pot, step, currentBet: Math.max(v.hand.currentBet, e.bet) };
  return turn({ ...v, seats, hand }, e);
}

function streetAdvanced(v: View, e: StreetAdvanced): View {
  if (!v.hand) return v;
  const seats = v.seats.map((s) => ({
    ...s,
    bet: 0,
    posted: null,
    lastAction: s.lastAction?.action === "FOLD" || s.allIn ? s.lastAction : null,
  }));
  const hand: HandView = {
    ...v.hand,
    phase: e.street,
    board: e.board,
    boards: boardsOf(e),
    pots: e.pots.map((p) => ({ amount: p.amount, eligible: p.eligibleSeats })),
    currentBet: 0,
    step: v.hand.bigBlind,
  };
  return turn({ ...v, seats, hand }, e);
}

function handComplete(v: View, e: HandComplete): View {
  const chips = new Map(e.chips.map((c) => [c.seatIndex, c.chips]));
  const shown = new Map(e.shown.map((s) => [s.seatIndex, s]));
  const won = (seat: number) => e.winners.filter((w) => w.seatIndex === seat);
  const seats = v.seats.map(
    (s): SeatView => ({
      ...s,
      bet: 0,
      chips: chips.get(s.index) ?? s.chips,
      allIn: false,
      shown: shown.get(s.index)?.cards ?? s.shown,
      won: won(s.index).reduce((sum, w) => sum + w.amount, 0),
      handRank: shown.get(s.index)?.handRank ?? won(s.index)[0]?.handRank ?? null,
      ranks: shown.get(s.index)?.ranks ?? [],
      lastAction: s.folded ? s.lastAction : null,
    }),
  );
  const winners = e.winners.map((w) => ({ seat: w.seatIndex, amount: w.amount, rank: w.handRank }));
  const hand: HandView | null = v.hand && {
    ...v.hand,
    phase: "complete",
    board: e.board,
    pot: 0,
    pots: [],
    currentBet: 0,
    winners,
  };
  return { ...v, seats, hand, timer: null, nextHandAt: e.nextHandAt ?? null, me: { ...v.me, legal: null } };
}

type Runs = Of<"runs_asked" | "runs_answered" | "runs_decided" | "run_dealt">;

/** The question how often to run the missing cards, and the runs. */
function runs(v: View, e: Runs): View {
  const h = v.hand;
  if (h?.id !== e.handId) return v;
  const set = (change: Partial<HandView>): View => ({
    ...v,
    timer: null,
    hand: { ...h, ...change },
    me: { ...v.me, legal: null },
  });
  switch (e.type) {
    case "runs_asked":
      return set({ question: { seats: e.seats, maxRuns: e.maxRuns, turn: e.turn, expiresAt: e.expiresAt, answered: [] } });
    case "runs_answered":
      return set({ question: h.question && { ...h.question, answered: [...h.question.answered, e.seatIndex] } });
    case "runs_decided":
      return set({ question: null, runs: e.runs, boards: Array.from({ length: e.runs }, (_, run) => h.boards[run] ?? h.board) });
    case "run_dealt": {
      const boards = h.boards.map((board, run) => (run === e.run ? e.board : board));
      return set({ boards, board: boards[0] ?? h.board });
    }
  }
}

/** What may still be seen and paid between a hand and the next one. */
function afterHand(v: View, e: Of<"cards_shown" | "rabbit_shown" | "bounty_paid">): View {
  if (v.hand?.id !== e.handId) return v;
  switch (e.type) {
    case "cards_shown": {
      const now = v.seats[e.seatIndex]?.shown ?? [];
      return { ...v, seats: patch(v, e.seatIndex, { shown: [...now, ...e.cards.filter((c) => !now.includes(c))] }) };
    }
    case "rabbit_shown":
      return e.boards ? { ...v, hand: { ...v.hand, rabbit: e.boards } } : v;
    case "bounty_paid": {
      const paid = new Map(e.from.map((f) => [f.seatIndex, f.amount]));
      const sum = e.from.reduce((all, f) => all + f.amount, 0);
      const seats = v.seats.map((s) => ({
        ...s,
        chips: s.chips - (paid.get(s.index) ?? 0) + (s.userId === e.userId ? sum : 0),
      }));
      return { ...v, seats };
    }
  }
}

type Handled =
  | "hand_started"
  | "player_action"
  | "street_advanced"
  | "pot_distributed"
  | "hand_complete"
  | (Runs | Of<"cards_shown" | "rabbit_shown" | "bounty_paid">)["type"];
type Rest = Exclude<RoomEvent, { type: Handled }>;

function room(v: View, e: Rest): View {
  const mine = "userId" in e && e.userId === v.me.userId;
  const seat = "userId" in e ? seatOf(v, e.userId) : undefined;
  switch (e.type) {
    case "player_join_requested":
      return v.me.isHost
        ? {
            ...v,
            requests: [...v.requests.filter((r) => r.userId !== e.userId), { userId: e.userId, name: e.displayName, at: e.at }],
          }
        : v;
    case "player_approved":
    case "player_rejected": {
      const approved = e.type === "player_approved";
      const member = { userId: e.userId, name: e.displayName, role: "approved" as const, online: true };
      const members = approved && v.me.isHost ? [...v.members.filter((m) => m.userId !== e.userId), member] : v.members;
      return { ...v, requests: v.requests.filter((r) => r.userId !== e.userId), members };
    }
    case "player_seated": {
      const sat = {
        ...emptySeat(e.seatIndex),
        userId: e.userId,
        name: e.displayName,
        chips: e.chips,
        status: "active" as const,
        online: true,
      };
      const watching = v.members.find((m) => m.userId === e.userId)?.role === "spectator";
      return {
        ...v,
        seats: v.seats.map((s) => (s.index === e.seatIndex ? sat : s)),
        members: v.members.map((m) => (m.userId === e.userId ? { ...m, role: "player" as const } : m)),
        spectatorCount: watching ? Math.max(0, v.spectatorCount - 1) : v.spectatorCount,
        me: mine
          ? { ...v.me, seat: e.seatIndex, role: "player", name: e.displayName, waitingChips: 0, cards: null, label: null }
          : v.me,
      };
    }
    case "spectator_joined":
    case "spectator_left": {
      const joined = e.type === "spectator_joined";
      const role = joined ? ("spectator" as const) : ("approved" as const);
      return {
        ...v,
        spectatorCount: Math.max(0, v.spectatorCount + (joined ? 1 : -1)),
        members: v.members.map((m) => (m.userId === e.userId ? { ...m, role } : m)),
        me: mine && v.me.seat === null ? { ...v.me, role } : v.me,
      };
    }
    case "seat_freed":
      return {
        ...v,
        seats: v.seats.map((s) => (s.index === e.seatIndex ? emptySeat(e.seatIndex) : s)),
        me: mine
          ? { ...v.me, seat: null, role: v.me.isHost ? "host" : "spectator", cards: null, legal: null, label: null }
          : v.me,
      };
    case "player_disconnected":
      return { ...v, seats: patch(v, e.seatIndex, { online: false, status: "disconnected" }) };
    case "player_reconnected": {
      const out = v.seats[e.seatIndex]?.status === "sitting_out";
      return { ...v, seats: patch(v, e.seatIndex, { online: true, ...(out ? {} : { status: "active" as const }) }) };
    }
    case "player_sat_out":
    case "player_sat_in": {
      const status = e.type === "player_sat_out" ? ("sitting_out" as const) : ("active" as const);
      return { ...v, seats: patch(v, e.seatIndex, { status }) };
    }
    case "member_left":
    case "player_kicked": {
      const kicked = e.type === "player_kicked";
      const leaving = seat ? patch(v, seat.index, { status: "leaving" }) : v.seats;
      return {
        ...v,
        seats: leaving,
        members: v.members.filter((m) => m.userId !== e.userId),
        requests: v.requests.filter((r) => r.userId !== e.userId),
        me: mine ? { ...v.me, status: kicked ? "kicked" : "left" } : v.me,
      };
    }
    case "host_changed":
      return { ...v, hostId: e.userId, me: { ...v.me, isHost: mine }, requests: mine ? v.requests : [] };
    case "settings_changed":
      return { ...v, settings: { ...v.settings, ...e.settings } };
    case "chips_adjusted":
      return { ...v, seats: seat ? patch(v, seat.index, { chips: e.chips }) : v.seats };
    case "game_started":
      return { ...v, gameStatus: "active", gameId: e.gameId, ending: false };
    case "game_paused": {
      const timer = v.timer && { ...v.timer, deadlineAt: null, expiresAt: null };
      const hand = v.hand?.question ? { ...v.hand, question: { ...v.hand.question, expiresAt: null } } : v.hand;
      return { ...v, gameStatus: "paused", timer, hand, nextHandAt: null };
    }
    case "game_resumed": // its snapshot brings the clock that runs again
      return { ...v, gameStatus: "active" };
    case "game_ended":
      return { ...v, gameStatus: "completed", ending: false, nextHandAt: null, timer: null };
    case "bomb_pot_queued":
      return { ...v, nextBombPot: 1 };
    case "bomb_pot_cancelled":
      return { ...v, nextBombPot: null };
    case "unknown": // of a later version than the server's
      return v;
    default: // of a later version than this client's: only its number counts
      return unheardOf(e, v);
  }
}
