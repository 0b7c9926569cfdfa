import assert from "node:assert/strict";
import { test } from "node:test";
import { lineOf } from "../src/i18n/log";
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
  assert.deepEqual(v.seats.slice(0, 3).map((s) => s.chips), [194, 199, 207]);
});
test("the record reads as a story, with me as you", () => {
  const lines = play(room(), HAND.length).log.map((l) => lineOf(l)).map((l) => `${l.who} ${l.text}`.trim());
  assert.deepEqual(lines, [
    "Hand #7", "Bao posts small blind 1", "Cem posts big blind 2", "You raise to 6", "Bao folds", "Cem calls 4", "Flop", "Cem bets 10", "You fold (time ran out)", "Cem gets 10 back, uncalled", "Cem wins 13",
  ]);
});
test("a seat that is freed is empty, and its owner watches", () => {
  const v = reduce(room(1), { seq: 11, roomId: ROOM, at: 1, type: "seat_freed", seatIndex: 1, userId: user(1), reason: "left", chips: 0 });
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
  const knock = { seq: 11, roomId: ROOM, at: 1, type: "player_join_requested", userId: user(9), displayName: "Dea" } as const;
  assert.equal(reduce(room(0), knock).requests.length, 1);
  assert.equal(reduce(room(1), knock).requests.length, 0);
});
