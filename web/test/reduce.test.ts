import assert from "node:assert/strict";
import { test } from "node:test";
import type { RoomEvent } from "../src/api/events";
import { reduce } from "../src/store/reduce";
import { myTurn, type View } from "../src/store/view";
import { HAND, room, ROOM, user } from "./room";

const play = (v: View, n: number): View => HAND.slice(0, n).reduce(reduce, v);
const total = (v: View): number => v.seats.reduce((sum, s) => sum + s.chips, 0) + (v.hand?.pot ?? 0);

test("chips on the table and in the pot are the same number after every event", () => {
  for (let n = 1; n <= HAND.length; n++) assert.equal(total(play(room(), n)), 600, `after event ${n}`);
});
test("an event that is known already changes nothing", () => {
  const v = play(room(), 4);
  for (const e of HAND.slice(0, 4)) assert.equal(reduce(v, e), v);
});
test("of an event that nobody here knows only the number counts", () => {
  const v = play(room(), 4);
  const unknown = { type: "unknown", seq: v.seq + 1, roomId: ROOM, at: 5 } as const;
  assert.deepEqual(reduce(v, unknown), { ...v, seq: v.seq + 1 });
  const later = { ...unknown, type: "chat_said", userId: v.me.userId } as unknown as RoomEvent;
  assert.deepEqual(reduce(v, later), { ...v, seq: v.seq + 1 });
});
test("my cards are there from the first event and only mine", () => {
  const v = play(room(), 1);
  assert.deepEqual(v.me.cards, ["hearts_A", "spades_10"]);
  assert(v.seats.every((s) => s.shown === null));
});
test("the turn moves, and only my own turn offers something to do", () => {
  const first = play(room(), 1);
  assert(myTurn(first));
  assert.deepEqual(first.me.legal?.actions, ["FOLD", "CALL", "RAISE"]);
  assert.equal(first.me.legal?.sure, false);
  const then = play(room(), 2);
  assert(!myTurn(then));
  assert.equal(then.me.legal, null);
});
test("a street collects the bets", () => {
  const v = play(room(), 5);
  assert(v.seats.every((s) => s.bet === 0));
  assert.equal(v.hand?.pots[0]?.amount, 13);
  assert.equal(v.hand?.currentBet, 0);
});
test("uncalled chips go back at once", () => {
  const v = play(room(), 7);
  assert.equal(v.seats[2]?.chips, 194);
  assert.equal(v.hand?.pot, 13);
});
test("the end of a hand: stacks, winner, no clock, and the time of the next one", () => {
  const v = play(room(), HAND.length);
  assert.equal(v.hand?.phase, "complete");
  assert.equal(v.timer, null);
  assert.equal(v.nextHandAt, 9000);
  assert.equal(v.seats[2]?.won, 13);
  assert.deepEqual(
    v.seats.slice(0, 3).map((s) => s.chips),
    [194, 199, 207],
  );
});
test("a seat that is freed is empty, and its owner watches", () => {
  const v = reduce(room(1), {
    seq: 11,
    roomId: ROOM,
    at: 1,
    type: "seat_freed",
    seatIndex: 1,
    userId: user(1),
    reason: "left",
    chips: 0,
  });
  assert.equal(v.seats[1]?.userId, null);
  assert.equal(v.me.seat, null);
});
test("an event of a kind that is not known yet only moves the number", () => {
  const v = room();
  const after = reduce(v, { seq: 11, roomId: ROOM, at: 1, type: "chat_said" } as never);
  assert.deepEqual({ ...after, seq: 10 }, v);
  assert.equal(after.seq, 11);
});
test("requests reach the host only", () => {
  const asked = { seq: 11, roomId: ROOM, at: 1, type: "player_join_requested", userId: user(9), displayName: "Dea" } as const;
  assert.equal(reduce(room(0), asked).requests.length, 1);
  assert.equal(reduce(room(1), asked).requests.length, 0);
});
test("the actor's copy says what is legal and what the hand is called: nothing has to be asked for", () => {
  const before = play(room(), 4);
  const flop = HAND[4]!;
  assert(flop.type === "street_advanced");
  const legalActions = {
    actions: ["FOLD" as const, "CHECK" as const, "BET" as const],
    callAmount: 0,
    minRaiseTo: 2,
    maxRaiseTo: 194,
  };
  const mine = reduce(before, { ...flop, timer: { ...flop.timer!, actorSeat: 0, legalActions }, handLabel: "Straight, five" });
  assert.deepEqual(mine.me.legal, { actions: ["FOLD", "CHECK", "BET"], call: 0, minTo: 2, maxTo: 194, sure: true });
  assert.equal(mine.me.label, "Straight, five");
  const next = reduce(mine, { ...HAND[5]!, seq: 16 } as never);
  assert.equal(next.me.legal?.sure, false, "what was legal on an older turn says nothing about this one");
});
