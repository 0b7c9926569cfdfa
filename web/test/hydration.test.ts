import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hydration } from "../src/api/hydrate";
import { DEFAULTS } from "../src/lobby/defaults";
import { fromHydration, withEnding } from "../src/store/from-hydration";
import { ROOM, user } from "./room";

const seat = (i: number, more: Partial<Hydration["seats"][number]> = {}): Hydration["seats"][number] => ({
  seat_index: i,
  user_id: user(i),
  display_name: `P${i}`,
  chips: 100,
  bet: 0,
  status: "active",
  in_hand: true,
  has_folded: false,
  is_all_in: false,
  online: true,
  last_seen_at: null,
  shown_cards: null,
  last_action: null,
  ...more,
});
const act = (seq: number, i: number, street: "preflop" | "flop", action: "CALL" | "BET" | "FOLD", amount: number) => ({
  seq,
  user_id: user(i),
  seat_index: i,
  street,
  action,
  amount,
  at: 2000 + seq,
});
const DOC: Hydration = {
  epoch: "e0000000-0000-4000-8000-000000000001",
  seq: 40,
  timestamp: 5000,
  room: {
    id: ROOM,
    code: "K7QX42AB",
    name: "Friday",
    host_id: user(0),
    status: "open",
    settings: { ...DEFAULTS, seats: 3 },
    has_password: false,
  },
  game: {
    id: "g",
    status: "active",
    current_hand_id: "h",
    hand_number: 3,
    next_hand_at: null,
    ending: false,
    variant: "nlhe",
    next_variant: null,
    hands_to_next_variant: null,
  },
  hand: {
    id: "h",
    number: 3,
    variant: "nlhe",
    kind: "ordinary",
    boards: [],
    runs: null,
    button_blind: 0,
    phase: "flop",
    board: ["hearts_2", "clubs_9", "spades_K"],
    pot: 40,
    pots: [{ amount: 20, eligible_seats: [0, 1] }],
    current_bet: 20,
    min_raise_to: 40,
    button_seat: 0,
    small_blind: 5,
    big_blind: 10,
    ante: 0,
    started_at: 2000,
    small_blind_seat: 1,
    big_blind_seat: 2,
    winners: [],
  },
  seats: [
    seat(0, { last_action: { action: "CALL", amount: 10 } }),
    seat(1, { bet: 20, last_action: { action: "BET", amount: 20 } }),
    seat(2, { has_folded: true, last_action: { action: "FOLD", amount: 0 } }),
  ],
  me: {
    user_id: user(0),
    role: "player",
    status: "approved",
    is_host: true,
    display_name: "P0",
    rejoin_token: null,
    waiting_chips: 0,
    seat_index: 0,
    hole_cards: ["hearts_A", "spades_A"],
    legal_actions: { actions: ["FOLD", "CALL", "RAISE"], call_amount: 20, min_raise_to: 40, max_raise_to: 100 },
  },
  recent_actions: [
    act(31, 0, "preflop", "CALL", 10),
    act(32, 1, "preflop", "CALL", 5),
    act(33, 2, "preflop", "FOLD", 0),
    act(35, 1, "flop", "BET", 20),
  ],
  timer: { actor_seat: 0, turn: 9, started_at: 4000, deadline_at: 34_000, timebank_remaining: 60, expires_at: 94_000 },
  spectator_count: 0,
};
test("a snapshot shows the actions of this street and keeps a fold", () => {
  const v = fromHydration(DOC, null);
  assert.deepEqual(
    v.seats.map((s) => s.lastAction?.action ?? null),
    [null, "BET", "FOLD"],
  );
});
test("a snapshot says what I may do, and is sure of it", () => {
  const v = fromHydration(DOC, null);
  assert.deepEqual(v.me.legal, { actions: ["FOLD", "CALL", "RAISE"], call: 20, minTo: 40, maxTo: 100, sure: true });
  assert.deepEqual(v.me.cards, ["hearts_A", "spades_A"]);
});

/** Everybody shows; seat 1 wins. A snapshot names the winner's hand only. */
const OVER: Hydration = {
  ...DOC,
  seq: 44,
  timer: null,
  recent_actions: [],
  hand: {
    ...DOC.hand!,
    phase: "complete",
    board: ["hearts_2", "clubs_9", "spades_K", "spades_3", "spades_4"],
    pot: 0,
    pots: [],
    winners: [{ user_id: user(1), seat_index: 1, amount: 60, hand_rank: "Pair of kings" }],
  },
  seats: [
    seat(0, { shown_cards: ["hearts_A", "spades_5"] }),
    seat(1, { shown_cards: ["hearts_K", "clubs_2"] }),
    seat(2, { has_folded: true }),
  ],
};
const common = (seq: number) => ({ seq, roomId: ROOM, at: 2000 + seq });
const ENDING = {
  pots: [
    {
      ...common(42),
      type: "pot_distributed" as const,
      parts: [],
      potIndex: 0,
      amount: 60,
      winners: [{ userId: user(1), seatIndex: 1, amount: 60 }],
    },
  ],
  complete: {
    ...common(43),
    type: "hand_complete" as const,
    boards: [],
    handId: "h",
    board: OVER.hand!.board,
    winners: [{ userId: user(1), seatIndex: 1, amount: 60, handRank: "Pair of kings" }],
    shown: [
      {
        seatIndex: 0,
        cards: ["hearts_A", "spades_5"] as Hydration["me"]["hole_cards"] & {},
        handRank: "High card, ace",
        ranks: [],
      },
      {
        seatIndex: 1,
        cards: ["hearts_K", "clubs_2"] as Hydration["me"]["hole_cards"] & {},
        handRank: "Pair of kings",
        ranks: [],
      },
    ],
    chips: [],
    nextHandAt: null,
  },
};
test("the loser's hand keeps its name when a snapshot comes at the showdown", () => {
  const shown = withEnding(fromHydration(OVER, null), ENDING);
  assert.deepEqual(
    shown.seats.map((s) => s.handRank),
    ["High card, ace", "Pair of kings", null],
  );
  assert.deepEqual(shown.hand?.awards, [{ potIndex: 0, amount: 60, winners: [{ seat: 1, amount: 60 }] }]);
  const again = fromHydration({ ...OVER, seq: 45 }, shown);
  assert.deepEqual(
    again.seats.map((s) => s.handRank),
    ["High card, ace", "Pair of kings", null],
  );
  assert.deepEqual(again.hand?.awards, shown.hand?.awards);
});
test("an ending is only that of its own hand", () => {
  const other = fromHydration({ ...OVER, hand: { ...OVER.hand!, id: "h2" } }, null);
  assert.equal(withEnding(other, ENDING), other);
  const running = fromHydration(DOC, null);
  assert.equal(withEnding(running, ENDING), running);
});
test("a snapshot brings no log and takes none away", () => {
  assert.deepEqual(fromHydration(DOC, null).log, []);
  const log = [{ kind: "game" as const, seq: 39, part: 0, at: 1, did: "resumed" as const }];
  assert.equal(fromHydration(DOC, { ...fromHydration(DOC, null), log }).log, log);
});
