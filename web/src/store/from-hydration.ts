// A snapshot replaces everything but what no snapshot holds: the log, names of people who have gone, how pots were divided.
import type { HydratedSeat, Hydration } from "../api/hydrate";
import type { Ending } from "./chronicle";
import { awardFrom, boardsOf, PREFERENCES, type HandView, type SeatView, type View } from "./view";

export function fromHydration(doc: Hydration, before: View | null): View {
  const same = before !== null && before.roomId === doc.room.id;
  const seats = doc.seats.map((s): SeatView => {
    const won = doc.hand?.winners?.filter((w) => w.seat_index === s.seat_index) ?? [];
    const known = doc.hand?.phase === "complete" && before?.hand?.id === doc.hand.id ? before.seats[s.seat_index] : undefined;
    return {
      index: s.seat_index,
      userId: s.user_id,
      name: s.display_name ?? "",
      chips: s.chips,
      bet: s.bet,
      status: s.status,
      inHand: s.in_hand,
      folded: s.has_folded,
      allIn: s.is_all_in,
      online: s.online,
      lastSeenAt: s.last_seen_at,
      shown: s.shown_cards?.length ? s.shown_cards : null,
      lastAction: thisStreet(doc, s) ? (s.last_action ?? null) : null,
      won: won.reduce((sum, w) => sum + w.amount, 0),
      owes: s.owes ?? [],
      waitsFor: s.waits_for ?? null,
      posted: sameHand(doc, before, s) && !s.last_action ? (before?.seats[s.seat_index]?.posted ?? null) : null,
      ranks: known && known.userId === s.user_id ? known.ranks : [],
      handRank: won[0]?.hand_rank ?? (known && known.userId === s.user_id ? known.handRank : null),
    };
  });
  const names: Record<string, string> = { ...(same ? before.names : {}) };
  for (const s of seats) if (s.userId) names[s.userId] = s.name;
  for (const m of doc.members ?? []) names[m.user_id] = m.display_name;
  for (const r of doc.pending_requests ?? []) names[r.user_id] = r.display_name;
  names[doc.me.user_id] = doc.me.display_name;
  const legal = doc.me.legal_actions;
  const me: View["me"] = {
    userId: doc.me.user_id,
    name: doc.me.display_name,
    role: doc.me.role,
    status: doc.me.status,
    isHost: doc.me.is_host,
    seat: doc.me.seat_index ?? null,
    cards: doc.me.hole_cards?.length ? doc.me.hole_cards : null,
    label: doc.me.hand_label ?? null,
    legal: legal
      ? {
          actions: legal.actions,
          call: legal.call_amount ?? 0,
          minTo: legal.min_raise_to ?? 0,
          maxTo: legal.max_raise_to ?? 0,
          sure: true,
        }
      : null,
    bankSecs: doc.me.timebank_remaining ?? null,
    preferences: doc.me.preferences ?? PREFERENCES,
    waitingChips: doc.me.waiting_chips ?? 0,
  };
  const t = doc.timer;
  return {
    epoch: doc.epoch,
    seq: doc.seq,
    roomId: doc.room.id,
    code: doc.room.code,
    name: doc.room.name,
    hostId: doc.room.host_id,
    roomStatus: doc.room.status,
    hasPassword: doc.room.has_password,
    settings: doc.room.settings,
    gameId: doc.game.id,
    gameStatus: doc.game.status,
    ending: doc.game.ending,
    handNumber: doc.game.hand_number,
    variant: doc.game.variant,
    nextVariant: doc.game.next_variant,
    handsToNextVariant: doc.game.hands_to_next_variant,
    nextBombPot: doc.game.next_bomb_pot ?? null,
    nextHandAt: doc.game.next_hand_at,
    hand: hand(doc, before),
    seats,
    timer: t && {
      seat: t.actor_seat,
      turn: t.turn,
      startedAt: t.started_at,
      deadlineAt: t.deadline_at,
      bankSecs: t.timebank_remaining,
      expiresAt: t.expires_at,
    },
    me,
    spectatorCount: doc.spectator_count,
    requests: (doc.pending_requests ?? []).map((r) => ({ userId: r.user_id, name: r.display_name, at: r.requested_at })),
    members: (doc.members ?? []).map((m) => ({ userId: m.user_id, name: m.display_name, role: m.role, online: m.online })),
    banned: (doc.banned ?? []).map((b) => ({ userId: b.user_id, name: b.display_name })),
    log: same && before.epoch === doc.epoch ? before.log : [],
    names,
  };
}

/** The same player in the same hand as in the view before. */
const sameHand = (doc: Hydration, before: View | null, s: HydratedSeat): boolean =>
  before?.hand !== null && before?.hand.id === doc.hand?.id && before?.seats[s.seat_index]?.userId === s.user_id;

/** A tag belongs to the street it was done on; only a fold and an all-in last for the hand. */
function thisStreet(doc: Hydration, s: HydratedSeat): boolean {
  if (s.has_folded || s.is_all_in) return true;
  const last = doc.recent_actions.reduce<Hydration["recent_actions"][number] | null>(
    (a, b) => (b.seat_index === s.seat_index && (!a || b.seq > a.seq) ? b : a),
    null,
  );
  return last !== null && last.street === doc.hand?.phase;
}

function hand(doc: Hydration, before: View | null): HandView | null {
  const h = doc.hand;
  if (!h) return null;
  const known = before?.hand?.id === h.id ? before.hand : null;
  return {
    id: h.id,
    number: h.number,
    variant: h.variant,
    kind: h.kind,
    phase: h.phase,
    board: h.board,
    boards: boardsOf(h),
    runs: h.runs,
    question: h.question
      ? {
          seats: h.question.seats,
          maxRuns: h.question.max_runs,
          turn: h.question.turn,
          expiresAt: h.question.expires_at,
          answered: h.question.answered,
        }
      : null,
    pot: h.pot,
    pots: h.pots.map((p) => ({ amount: p.amount, eligible: p.eligible_seats })),
    currentBet: h.current_bet,
    step: Math.max(h.big_blind, (h.min_raise_to ?? 0) - h.current_bet),
    buttonSeat: h.button_seat,
    buttonDead: false,
    smallBlind: h.small_blind,
    bigBlind: h.big_blind,
    ante: h.ante,
    smallBlindSeat: h.small_blind_seat,
    bigBlindSeat: h.big_blind_seat,
    awards: known?.awards ?? [],
    rabbit: known?.rabbit ?? null,
    winners: (h.winners ?? []).map((w) => ({ seat: w.seat_index, amount: w.amount, rank: w.hand_rank })),
  };
}

/** A snapshot of a hand that is over names the winners' hands only, and no pots: the events that ended it know the rest. */
export function withEnding(v: View, ending: Ending | null): View {
  if (v.hand?.phase !== "complete" || ending?.complete.handId !== v.hand.id) return v;
  const shown = new Map(ending.complete.shown.map((s) => [s.seatIndex, s]));
  const told = (s: SeatView): SeatView => {
    const hand = shown.get(s.index);
    return s.inHand && hand ? { ...s, handRank: s.handRank ?? hand.handRank, ranks: hand.ranks } : s;
  };
  return { ...v, seats: v.seats.map(told), hand: { ...v.hand, awards: ending.pots.map(awardFrom) } };
}
