// One event to the next view. Live table, spectator and replayer all go through here.
import type { HandComplete, HandStarted, PlayerAction, RoomEvent, StreetAdvanced, Timer } from "../api/events";
import { append, type LogEntry, type PersonDid } from "./log";
import { provisionalLegal } from "./provisional";
import { emptySeat, nameOf, seatOf, type HandView, type SeatView, type TimerView, type View } from "./view";

/** Applies exactly the next event. Older ones change nothing; a gap is the caller's business. */
export function reduce(v: View, e: RoomEvent): View {
  if (e.seq <= v.seq) return v;
  return { ...apply(v, e), seq: e.seq };
}

const patch = (v: View, index: number, change: Partial<SeatView>): SeatView[] => v.seats.map((s) => (s.index === index ? { ...s, ...change } : s));
const timerOf = (t: Timer | null | undefined): TimerView | null =>
  t ? { seat: t.actorSeat, turn: t.turn, startedAt: t.startedAt, deadlineAt: t.deadlineAt, bankSecs: t.timebankRemaining, expiresAt: t.expiresAt } : null;

/** Sets whose turn it is, and what I may do if it is mine. */
function turn(v: View, t: Timer | null | undefined): View {
  const timer = timerOf(t);
  const mine = timer !== null && timer.seat === v.me.seat;
  const next = { ...v, timer };
  return { ...next, me: { ...v.me, legal: mine ? provisionalLegal(next) : null, bankSecs: mine ? timer.bankSecs : v.me.bankSecs } };
}

function person(v: View, e: RoomEvent, userId: string, did: PersonDid, more: { amount?: number; seat?: number } = {}): LogEntry {
  return { kind: "person", seq: e.seq, at: e.at, name: nameOf(v, userId), me: userId === v.me.userId, did, ...more };
}
const game = (v: View, e: RoomEvent, did: "started" | "paused" | "resumed" | "ended" | "settings"): LogEntry[] =>
  append(v.log, { kind: "game", seq: e.seq, at: e.at, did });

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
      const award = { potIndex: e.potIndex, amount: e.amount, winners: e.winners.map((w) => ({ seat: w.seatIndex, amount: w.amount })) };
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
    const clean = { ...s, shown: null, lastAction: null, won: 0, handRank: null, folded: false, allIn: false, bet: 0, inHand: false };
    return d ? { ...clean, chips: d.chips, bet: d.bet, inHand: true, allIn: d.chips === 0 } : clean;
  });
  const blind = (kind: string) => e.blinds.find((b) => b.kind === kind)?.seatIndex ?? null;
  const hand: HandView = {
    id: e.handId,
    number: e.handNumber,
    phase: "preflop",
    board: [],
    pot: e.pot,
    pots: [],
    currentBet: Math.max(e.bigBlind, ...e.seats.map((s) => s.bet)),
    step: e.bigBlind,
    buttonSeat: e.buttonSeat,
    smallBlind: e.smallBlind,
    bigBlind: e.bigBlind,
    ante: e.ante,
    smallBlindSeat: blind("small_blind"),
    bigBlindSeat: blind("big_blind"),
    awards: [],
    winners: [],
  };
  const posts = e.blinds.map((b): LogEntry => {
    const userId = dealt.get(b.seatIndex)?.userId ?? "";
    return { kind: "post", seq: e.seq, at: e.at, name: nameOf(v, userId), me: userId === v.me.userId, blind: b.kind, amount: b.amount };
  });
  const log = append(v.log, { kind: "hand", seq: e.seq, at: e.at, number: e.handNumber, handId: e.handId }, ...posts);
  const me = { ...v.me, cards: e.yourCards ?? null, label: null, legal: null };
  return turn({ ...v, seats, hand, handNumber: e.handNumber, nextHandAt: null, gameStatus: v.gameStatus === "waiting" ? "active" : v.gameStatus, log, me }, e.timer);
}

function playerAction(v: View, e: PlayerAction): View {
  if (!v.hand) return v;
  const raised = e.bet - v.hand.currentBet;
  const allIn = e.chips === 0 && e.action !== "FOLD" && e.action !== "CHECK";
  const step = raised >= v.hand.step ? raised : v.hand.step;
  const label = allIn && e.action !== "CALL" ? "ALL_IN" : e.action;
  let seats = patch(v, e.seatIndex, {
    chips: e.chips,
    bet: e.bet,
    allIn,
    ...(e.action === "FOLD" ? { folded: true } : {}),
    lastAction: { action: label, amount: e.action === "CALL" ? e.amount : e.bet },
  });
  let pot = e.pot;
  const lines: LogEntry[] = [
    { kind: "act", seq: e.seq, at: e.at, name: nameOf(v, e.userId), me: e.userId === v.me.userId, action: e.action, amount: e.amount, auto: e.auto, allIn },
  ];
  const back = e.returned;
  if (back) {
    pot -= back.amount;
    seats = seats.map((s) => (s.index === back.seatIndex ? { ...s, chips: back.chips, bet: Math.max(0, s.bet - back.amount), allIn: back.chips === 0 } : s));
    const owner = v.seats[back.seatIndex];
    lines.push({ kind: "returned", seq: e.seq, at: e.at, name: owner?.name ?? "", me: back.seatIndex === v.me.seat, amount: back.amount });
  }
  const hand = { ...v.hand, pot, step, currentBet: Math.max(v.hand.currentBet, e.bet) };
  return turn({ ...v, seats, hand, log: append(v.log, ...lines) }, e.timer);
}

function streetAdvanced(v: View, e: StreetAdvanced): View {
  if (!v.hand) return v;
  const seats = v.seats.map((s) => ({ ...s, bet: 0, lastAction: s.lastAction?.action === "FOLD" || s.allIn ? s.lastAction : null }));
  const cards = e.board.slice(v.hand.board.length);
  const hand: HandView = {
    ...v.hand,
    phase: e.street,
    board: e.board,
    pots: e.pots.map((p) => ({ amount: p.amount, eligible: p.eligibleSeats })),
    currentBet: 0,
    step: v.hand.bigBlind,
  };
  const log = append(v.log, { kind: "street", seq: e.seq, at: e.at, street: e.street, cards });
  return turn({ ...v, seats, hand, log }, e.timer);
}

function handComplete(v: View, e: HandComplete): View {
  const chips = new Map(e.chips.map((c) => [c.seatIndex, c.chips]));
  const shown = new Map(e.shown.map((s) => [s.seatIndex, s]));
  const won = (seat: number) => e.winners.filter((w) => w.seatIndex === seat);
  const seats = v.seats.map((s): SeatView => ({
    ...s,
    bet: 0,
    chips: chips.get(s.index) ?? s.chips,
    allIn: false,
    shown: shown.get(s.index)?.cards ?? s.shown,
    won: won(s.index).reduce((sum, w) => sum + w.amount, 0),
    handRank: shown.get(s.index)?.handRank ?? won(s.index)[0]?.handRank ?? null,
    lastAction: s.folded ? s.lastAction : null,
  }));
  const name = (seat: number) => v.seats[seat]?.name ?? "";
  const lines: LogEntry[] = e.shown.map((s) => ({
    kind: "show" as const, seq: e.seq, at: e.at, name: name(s.seatIndex), me: s.seatIndex === v.me.seat, cards: s.cards, rank: s.handRank,
  }));
  const awards = v.hand?.awards ?? [];
  if (awards.length) {
    for (const a of awards)
      for (const w of a.winners) {
        const rank = won(w.seat)[0]?.handRank ?? null;
        lines.push({ kind: "win", seq: e.seq, at: e.at, name: name(w.seat), me: w.seat === v.me.seat, amount: w.amount, pot: a.potIndex, ofMany: awards.length > 1, rank });
      }
  } else {
    for (const w of e.winners)
      lines.push({ kind: "win", seq: e.seq, at: e.at, name: name(w.seatIndex), me: w.seatIndex === v.me.seat, amount: w.amount, pot: 0, ofMany: false, rank: w.handRank });
  }
  const winners = e.winners.map((w) => ({ seat: w.seatIndex, amount: w.amount, rank: w.handRank }));
  const hand: HandView | null = v.hand && { ...v.hand, phase: "complete", board: e.board, pot: 0, pots: [], currentBet: 0, winners };
  return { ...v, seats, hand, timer: null, nextHandAt: e.nextHandAt ?? null, me: { ...v.me, legal: null }, log: append(v.log, ...lines) };
}

type Rest = Exclude<RoomEvent, { type: "hand_started" | "player_action" | "street_advanced" | "pot_distributed" | "hand_complete" }>;

function room(v: View, e: Rest): View {
  const mine = "userId" in e && e.userId === v.me.userId;
  const say = (did: PersonDid, more?: { amount?: number; seat?: number }) => ("userId" in e ? append(v.log, person(v, e, e.userId, did, more)) : v.log);
  const seat = "userId" in e ? seatOf(v, e.userId) : undefined;
  switch (e.type) {
    case "player_join_requested":
      return v.me.isHost
        ? { ...v, requests: [...v.requests.filter((r) => r.userId !== e.userId), { userId: e.userId, name: e.displayName, at: e.at }], log: say("asked") }
        : v;
    case "player_approved":
    case "player_rejected": {
      const approved = e.type === "player_approved";
      const member = { userId: e.userId, name: e.displayName, role: "approved" as const, online: true };
      const members = approved && v.me.isHost ? [...v.members.filter((m) => m.userId !== e.userId), member] : v.members;
      return { ...v, requests: v.requests.filter((r) => r.userId !== e.userId), members, log: say(approved ? "approved" : "rejected") };
    }
    case "player_seated": {
      const sat = { ...emptySeat(e.seatIndex), userId: e.userId, name: e.displayName, chips: e.chips, status: "active" as const, online: true };
      const watching = v.members.find((m) => m.userId === e.userId)?.role === "spectator";
      return {
        ...v,
        seats: v.seats.map((s) => (s.index === e.seatIndex ? sat : s)),
        members: v.members.map((m) => (m.userId === e.userId ? { ...m, role: "player" as const } : m)),
        spectatorCount: watching ? Math.max(0, v.spectatorCount - 1) : v.spectatorCount,
        me: mine ? { ...v.me, seat: e.seatIndex, role: "player", name: e.displayName, waitingChips: 0, cards: null, label: null } : v.me,
        log: say("sat", { seat: e.seatIndex, amount: e.chips }),
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
        log: say(joined ? "watches" : "stopped_watching"),
      };
    }
    case "seat_freed":
      return {
        ...v,
        seats: v.seats.map((s) => (s.index === e.seatIndex ? emptySeat(e.seatIndex) : s)),
        me: mine ? { ...v.me, seat: null, role: v.me.isHost ? "host" : "spectator", cards: null, legal: null, label: null } : v.me,
        log: say("stood"),
      };
    case "player_disconnected":
      return { ...v, seats: patch(v, e.seatIndex, { online: false, status: "disconnected" }), log: say("disconnected") };
    case "player_reconnected": {
      const out = v.seats[e.seatIndex]?.status === "sitting_out";
      return { ...v, seats: patch(v, e.seatIndex, { online: true, ...(out ? {} : { status: "active" as const }) }), log: say("reconnected") };
    }
    case "player_sat_out":
    case "player_sat_in": {
      const status = e.type === "player_sat_out" ? ("sitting_out" as const) : ("active" as const);
      return { ...v, seats: patch(v, e.seatIndex, { status }), log: say(e.type === "player_sat_out" ? "sat_out" : "sat_in") };
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
        log: say(kicked ? "kicked" : "left"),
      };
    }
    case "host_changed":
      return { ...v, hostId: e.userId, me: { ...v.me, isHost: mine }, requests: mine ? v.requests : [], log: say("host") };
    case "settings_changed":
      return { ...v, settings: e.settings, log: game(v, e, "settings") };
    case "chips_adjusted":
      return { ...v, seats: seat ? patch(v, seat.index, { chips: e.chips }) : v.seats, log: say("chips", { amount: e.delta }) };
    case "game_started":
      return { ...v, gameStatus: "active", gameId: e.gameId, ending: false, log: game(v, e, "started") };
    case "game_paused": {
      const timer = v.timer && { ...v.timer, deadlineAt: null, expiresAt: null };
      return { ...v, gameStatus: "paused", timer, nextHandAt: null, log: game(v, e, "paused") };
    }
    case "game_resumed": // its snapshot brings the clock that runs again
      return { ...v, gameStatus: "active", log: game(v, e, "resumed") };
    case "game_ended":
      return { ...v, gameStatus: "completed", ending: false, nextHandAt: null, timer: null, log: game(v, e, "ended") };
    default:
      return v; // an event this client does not know yet: only its number counts
  }
}
