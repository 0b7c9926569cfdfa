import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hydration } from "../src/api/hydrate";
import { fromHydration, withEnding } from "../src/store/from-hydration";
import { DOC, seat } from "./document";
import { ROOM, user } from "./room";

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
  assert.deepEqual(shown.hand?.awards, [{ potIndex: 0, amount: 60, winners: [{ seat: 1, amount: 60 }], parts: [] }]);
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
