import assert from "node:assert/strict";
import { test } from "node:test";
import type { RoomEvent } from "../src/api/events";
import { lineOf } from "../src/i18n/log";
import { Chronicle } from "../src/store/chronicle";
import type { LogEntry } from "../src/store/log";
import { HAND, room, ROOM, user } from "./room";

const STORY = [
  "Hand #7",
  "Bao posts small blind 1",
  "Cem posts big blind 2",
  "You raise to 6",
  "Bao folds",
  "Cem calls 4",
  "Flop",
  "Cem bets 10",
  "You fold (time ran out)",
  "Cem gets 10 back, uncalled",
  "Cem wins 13",
];
const said = (lines: LogEntry[]): string[] => lines.map((l) => lineOf(l)).map((l) => `${l.who} ${l.text}`.trim());
const chronicle = (isHost = true): Chronicle => new Chronicle(() => ({ userId: user(0), isHost, names: room().names }));
const shuffled = <T>(list: readonly T[], by: number): T[] =>
  list
    .map((x, i) => [(i * by) % list.length, x] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, x]) => x);

test("the log reads as a story, with me as you", () => {
  const c = chronicle();
  c.add(...HAND);
  assert.deepEqual(said(c.lines), STORY);
});
test("an event that nobody here knows is no line and no gap", () => {
  const c = chronicle();
  c.add(...HAND);
  const seq = c.last + 1;
  assert.deepEqual(c.add({ type: "unknown", seq, roomId: ROOM, at: 5 }), []);
  assert.deepEqual([said(c.lines), c.last], [STORY, seq]);
});
test("in whatever order events come, and however often, the log is the same", () => {
  for (const by of [1, 2, 4, 5, 7, 8]) {
    const c = chronicle();
    for (const e of shuffled(HAND, by)) {
      c.add(e);
      assert.deepEqual(c.add(e), [], "an event counts once");
    }
    assert.deepEqual(said(c.lines), STORY, `every ${by}th event first`);
  }
});
test("a log that begins in the middle of a hand is filled from its beginning", () => {
  const c = chronicle();
  c.add(...HAND.slice(5));
  assert.equal(said(c.lines)[0], "Cem bets 10");
  c.add(...HAND.slice(0, 7));
  assert.deepEqual(said(c.lines), STORY);
});
test("every entry has a key of its own that lasts", () => {
  const c = chronicle();
  c.add(...HAND.slice(4));
  const keys = (lines: LogEntry[]) => lines.map((l) => `${l.seq}.${l.part}`);
  const some = keys(c.lines);
  c.add(...HAND);
  const all = keys(c.lines);
  assert.equal(new Set(all).size, all.length);
  assert.deepEqual(all.slice(-some.length), some);
});
test("how a hand ended is known until the next one starts", () => {
  const c = chronicle();
  c.add(...HAND);
  assert.equal(c.ending?.complete.handId, "h1");
  assert.deepEqual(
    c.ending?.pots.map((p) => p.amount),
    [13],
  );
  c.add({ ...HAND[0]!, seq: 20 } as RoomEvent);
  assert.equal(c.ending, null);
});
test("chips from the host say so, with the reason; an own top-up doesn't", () => {
  const chips = (seq: number, by: "host" | "top_up", delta: number, reason: string | null): RoomEvent => ({
    seq,
    roomId: ROOM,
    at: 1,
    type: "chips_adjusted",
    userId: user(seq === 20 ? 0 : 1),
    delta,
    chips: 300,
    by,
    reason,
  });
  const c = chronicle();
  c.add(chips(20, "host", 100, "rebuy"), chips(21, "host", -50, null), chips(22, "top_up", 70, null));
  assert.deepEqual(said(c.lines), [
    "You get 100 chips from the host: rebuy",
    "Bao has 50 chips taken by the host",
    "Bao gets 70 chips",
  ]);
});
test("a name that an event tells is kept for those who have gone", () => {
  const c = chronicle();
  c.add(
    { seq: 1, roomId: ROOM, at: 1, type: "player_approved", userId: user(9), displayName: "Dea" },
    { seq: 2, roomId: ROOM, at: 2, type: "member_left", userId: user(9) },
  );
  assert.deepEqual(said(c.lines), ["Dea was let in", "Dea left the room"]);
});
test("requests are news for the host only", () => {
  const asks: RoomEvent = { seq: 1, roomId: ROOM, at: 1, type: "player_join_requested", userId: user(9), displayName: "Dea" };
  assert.equal(chronicle(true).add(asks).length, 1);
  assert.equal(chronicle(false).add(asks).length, 0);
});
test("the oldest events are let go, and don't come back", () => {
  const c = chronicle();
  const pause = (seq: number): RoomEvent => ({ seq, roomId: ROOM, at: seq, type: "game_paused", gameId: "g" });
  for (let seq = 1; seq <= 700; seq++) c.add(pause(seq));
  assert.equal(c.lines.length, 600);
  assert.deepEqual(c.add(pause(50)), []);
  assert.equal(c.lines[0]?.seq, 101);
});
