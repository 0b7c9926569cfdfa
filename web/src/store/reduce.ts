// One event to the next view. Live table, spectator and replayer all go through here.
import {
  unheardOf,
  type HandComplete,
  type HandStarted,
  type PlayerAction,
  type RoomEvent,
  type StreetAdvanced,
  type Timer,
} from "../api/events";
import { provisionalLegal } from "./provisional";
import { emptySeat, legalFrom, seatOf, type HandView, type SeatView, type TimerView, type View } from "./view";

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
      const award = {
        potIndex: e.potIndex,
        amount: e.amount,
        winners: e.winners.map((w) => ({ seat: w.seatIndex, amount: w.amount })),
      };
      const hand: HandView = { ...v.hand, phase: "showdown", awards: [...v.hand.awards, award] };
      return { ...v, hand, timer: null, me: { ...v.me, legal: null } };
    }
    case "hand_complete":
      return handComplete(v, e);
    default:
      return room(known, e);
  }
}

function handStarted(v: View, e: HandStarted): View {
  const dealt = new Map(e.seats.map((s) => [s.seatIndex, s]));
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
    return d ? { ...clean, chips: d.chips, bet: d.bet, inHand: true, allIn: d.chips === 0 } : clean;
  });
  const blind = (kind: string) => e.blinds.find((b) => b.kind === kind)?.seatIndex ?? null;
  const hand: HandView = {
    id: e.handId,
    number: e.handNumber,
    variant: e.variant,
    phase: "preflop",
    board: [],
    pot: e.pot,
    pots: [],
    currentBet: Math.max(e.buttonBlind || e.bigBlind, ...e.seats.map((s) => s.bet)),
    step: e.buttonBlind || e.bigBlind,
    buttonSeat: e.buttonSeat,
    smallBlind: e.smallBlind,
    bigBlind: e.bigBlind,
    ante: e.ante,
    smallBlindSeat: blind("small_blind"),
    bigBlindSeat: blind("big_blind"),
    awards: [],
    winners: [],
  };
  const me = { ...v.me, cards: e.yourCards ?? null, label: null, legal: null };
  return turn(
    {
      ...v,
      seats,
      hand,
      handNumber: e.handNumber,
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
    lastAction: s.lastAction?.action === "FOLD" || s.allIn ? s.lastAction : null,
  }));
  const hand: HandView = {
    ...v.hand,
    phase: e.street,
    board: e.board,
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

type Rest = Exclude<
  RoomEvent,
  { type: "hand_started" | "player_action" | "street_advanced" | "pot_distributed" | "hand_complete" }
>;

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
      return { ...v, settings: e.settings };
    case "chips_adjusted":
      return { ...v, seats: seat ? patch(v, seat.index, { chips: e.chips }) : v.seats };
    case "game_started":
      return { ...v, gameStatus: "active", gameId: e.gameId, ending: false };
    case "game_paused": {
      const timer = v.timer && { ...v.timer, deadlineAt: null, expiresAt: null };
      return { ...v, gameStatus: "paused", timer, nextHandAt: null };
    }
    case "game_resumed": // its snapshot brings the clock that runs again
      return { ...v, gameStatus: "active" };
    case "game_ended":
      return { ...v, gameStatus: "completed", ending: false, nextHandAt: null, timer: null };
    case "unknown": // of a later version than the server's
      return v;
    default: // of a later version than this client's: only its number counts
      return unheardOf(e, v);
  }
}
