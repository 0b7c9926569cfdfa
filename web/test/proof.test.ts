import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProofsResponse } from "../src/api/wire";
import type { Card } from "../src/api/common";
import { check, hex, numberOf, sha256, type Commitment } from "../src/history/proof";

// The server's side of the algorithm, written a second time from docs/fairness.md.
const ROOM = "00000000-0000-0000-0000-000000000000";
const HAND = 1;
const text = (t: string) => new TextEncoder().encode(t);
const u64 = (n: number) => [0, 0, 0, 0, 0, 0, 0, n];
const ROOM_AND_HAND = [...Array<number>(16).fill(0), ...u64(HAND)];
const SEED = Uint8Array.from({ length: 32 }, (_, i) => i);
async function mac(secret: Uint8Array, ...parts: ArrayLike<number>[]): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", Uint8Array.from(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, Uint8Array.from(parts.flatMap((part) => Array.from(part)))));
}
const KEY = await mac(SEED, text("poker/deck/v1"), ROOM_AND_HAND, await sha256(text("poker/entropy/v1")));
async function shuffled(): Promise<number[]> {
  const words: number[] = [];
  for (let block = 0; block < 16; block++) {
    const stream = new DataView((await mac(KEY, text("stream"), u64(block))).buffer);
    for (let i = 0; i < 8; i++) words.push(stream.getUint32(4 * i));
  }
  const deck = Array.from({ length: 52 }, (_, i) => i);
  for (let i = 51; i >= 1; i--) {
    const end = Math.floor(2 ** 32 / (i + 1)) * (i + 1);
    let x = words.shift()!;
    while (x >= end) x = words.shift()!;
    const j = x % (i + 1);
    [deck[i], deck[j]] = [deck[j]!, deck[i]!];
  }
  return deck;
}
const CARDS = ["clubs", "diamonds", "hearts", "spades"].flatMap((s) =>
  ["2", "3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K", "A"].map((r) => `${s}_${r}` as Card),
);
const DECK = await shuffled();
const SALTS = await Promise.all(DECK.map(async (_, p) => (await mac(KEY, text("leaf"), [p])).subarray(0, 16)));
const TREE: Uint8Array[] = Array.from({ length: 128 }, () => new Uint8Array(32));
for (const [p, card] of DECK.entries()) TREE[64 + p] = await sha256([0], ROOM_AND_HAND, [p, card], SALTS[p]!);
for (let n = 63; n >= 1; n--) TREE[n] = await sha256([1], TREE[2 * n]!, TREE[2 * n + 1]!);

const COMMITMENT: Commitment = {
  algorithm: "poker-deck-v1",
  seedHash: hex(await sha256(text("poker/seed/v1"), SEED)),
  root: hex(TREE[1]!),
};
const proof = (p: number): ProofsResponse["proofs"][number] => ({
  place: p,
  card: CARDS[DECK[p]!]!,
  salt: hex(SALTS[p]!),
  path: [0, 1, 2, 3, 4, 5].map((level) => hex(TREE[((64 + p) >> level) ^ 1]!)),
});
const body = (...places: number[]): ProofsResponse => ({
  roomId: ROOM,
  handNumber: HAND,
  commitment: COMMITMENT,
  proofs: places.map(proof),
});

test("both sides of the algorithm give the published vector", () => {
  assert.equal(COMMITMENT.seedHash, "e1d658d4d34561b56108be81babd0a592cd6e06f1f358137289322cef609e23f");
  assert.equal(COMMITMENT.root, "84af568d0d0bf55f46934ca4e29b0b8d8dd900239d38a488567a3fd4dac2ad3f");
  assert.deepEqual([CARDS[DECK[0]!], CARDS[DECK[51]!]], ["clubs_4", "diamonds_8"]);
});
test("a card's number is its place in a new deck", () => {
  assert.deepEqual(
    CARDS.map(numberOf),
    Array.from({ length: 52 }, (_, i) => i),
  );
});
test("every card of an honest deck is proved", async () => {
  assert.deepEqual(await check(body(...DECK.keys()), COMMITMENT), { proved: 52 });
});
test("another card, place, salt, path, hand or commitment is found", async () => {
  const honest = body(3, 7);
  const first = honest.proofs[0]!;
  const other = (more: Partial<typeof first>): ProofsResponse => ({
    ...honest,
    proofs: [honest.proofs[1]!, { ...first, ...more }],
  });
  for (const forged of [
    other({ card: "spades_2" }),
    other({ place: 4 }),
    other({ place: 60 }),
    other({ salt: "00".repeat(16) }),
    other({ path: [] }),
    { ...honest, handNumber: 2 },
  ]) {
    assert.deepEqual(await check(forged, COMMITMENT), { failed: "bad_proof" });
  }
  assert.deepEqual(await check(honest, { ...COMMITMENT, root: "00".repeat(32) }), { failed: "other_commitment" });
  assert.deepEqual(await check(honest, null), { failed: "no_proof" });
});
