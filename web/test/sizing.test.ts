import assert from "node:assert/strict";
import { test } from "node:test";
import { showCode, short } from "../src/i18n/format";
import { GAMES } from "../src/i18n/games";
import { parse, tidyCode } from "../src/store/router";
import { reduce } from "../src/store/reduce";
import { bestFive } from "../src/table/best-five";
import { fromSlider, potTo, presets, toSlider } from "../src/table/sizing";
import { HAND, room } from "./room";

const l = { actions: ["FOLD", "CALL", "RAISE"] as never[], call: 2, minTo: 4, maxTo: 200, sure: true };

test("the slider reaches both ends and comes back to where it was", () => {
  assert.equal(fromSlider(0, l, 1), 4);
  assert.equal(fromSlider(1000, l, 1), 200);
  for (const to of [4, 10, 55, 120, 199, 200]) assert(Math.abs(fromSlider(toSlider(to, l), l, 1) - to) <= 1, String(to));
});
test("a pot-sized raise calls first and then bets the pot", () => {
  assert.equal(potTo(60, 20, 0, 1), 100);
  assert.equal(potTo(60, 0, 0, 0.5), 30);
});
test("presets stay inside what is legal and end with all-in", () => {
  const v = reduce(room(), HAND[0]!);
  const p = presets(v, l);
  assert.equal(p.at(-1)?.to, 200);
  assert(p.every((x) => x.to >= 4 && x.to <= 200 && Number.isInteger(x.to)));
  assert.deepEqual(
    p.map((x) => x.name),
    ["Min", "2.5 BB", "3 BB", "4 BB", "All-in"],
  );
});
test("the five cards that win", () => {
  assert.deepEqual(
    [...bestFive(["hearts_A", "hearts_K"], ["hearts_2", "hearts_7", "hearts_9", "spades_A", "clubs_A"], GAMES.nlhe)].sort(),
    ["hearts_2", "hearts_7", "hearts_9", "hearts_A", "hearts_K"],
  );
  assert(
    bestFive(["hearts_A", "clubs_2"], ["clubs_3", "diamonds_4", "spades_5", "spades_K", "clubs_K"], GAMES.nlhe).includes(
      "hearts_A",
    ),
  );
});
test("the five cards that win in Omaha are two of the hand and three of the board", () => {
  const board = ["hearts_2", "hearts_7", "hearts_9", "hearts_K", "clubs_A"] as const;
  const own = ["hearts_A", "spades_A", "diamonds_A", "clubs_3"] as const;
  assert.deepEqual([...bestFive(own, board, GAMES.plo)].filter((c) => (own as readonly string[]).includes(c)).length, 2);
  assert(!bestFive(own, board, GAMES.plo).every((c) => c.startsWith("hearts")), "one heart of the hand makes no flush");
  assert.deepEqual(
    [...bestFive(["hearts_A", "spades_Q"], ["hearts_6", "clubs_7", "diamonds_8", "spades_9", "clubs_K"], GAMES.shortdeck)].sort(),
    ["clubs_7", "diamonds_8", "hearts_6", "hearts_A", "spades_9"],
  );
});
test("in a pot-limit game the last preset is the pot, or all-in where the stack is smaller", () => {
  const v = reduce(room(), HAND[0]!);
  const omaha = { ...v, hand: { ...v.hand!, variant: "plo" as const } };
  assert.deepEqual(
    presets(omaha, { ...l, maxTo: 7 })
      .map((p) => [p.name, p.to])
      .at(-1),
    ["Pot", 7],
  );
  const seat = omaha.seats[omaha.me.seat ?? 0]!;
  assert.deepEqual(presets(omaha, { ...l, maxTo: seat.bet + seat.chips }).at(-1)?.name, "All-in");
});
test("codes as people type and paste them", () => {
  assert.equal(tidyCode(" k7qx-42ab "), "K7QX42AB");
  assert.equal(tidyCode("https://example.org/r/k7qx42ab?view=text"), "K7QX42AB");
  assert.equal(showCode("K7QX42AB"), "K7QX-42AB");
});
test("addresses", () => {
  assert.deepEqual(parse("/r/k7qx42ab?view=text"), { page: "room", code: "K7QX42AB", text: true });
  assert.deepEqual(parse("/r/K7QX42AB/h/12?s=3"), { page: "replay", code: "K7QX42AB", hand: 12, step: 3 });
  assert.deepEqual(parse("/r/K7QX42AB/h/zero"), { page: "unknown" });
  assert.deepEqual(parse("/nowhere"), { page: "unknown" });
});
test("long amounts are shortened, never rounded up", () => {
  assert.equal(short(99_999), "99,999");
  assert.equal(short(199_999), "199.9k");
  assert.equal(short(1_999_999), "1.9M");
});
