// Checks that cards were where they were dealt from before anybody saw one. docs/fairness.md has the algorithm; this side of it
// needs nothing from the server but the hashes that the room was told with the deal.

import type { ProofsResponse } from "../api/wire";
import type { Card, Rank, Suit } from "../api/common";

const SUITS: Suit[] = ["clubs", "diamonds", "hearts", "spades"];
const RANKS: Rank[] = ["2", "3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K", "A"];
const LEAVES = 64;
const DECK = 52;

export type Commitment = NonNullable<ProofsResponse["commitment"]>;

/** What came of checking a hand: how many cards were proved, or why the proof fails. */
export type Checked = { proved: number } | { failed: "other_commitment" | "bad_proof" | "no_proof" };

/** Checks every proof of a hand against what the room was told when it was dealt. */
export async function check(body: ProofsResponse, told: Commitment | null): Promise<Checked> {
  if (!told || !body.commitment) return { failed: "no_proof" };
  if (told.root !== body.commitment.root || told.seedHash !== body.commitment.seedHash) return { failed: "other_commitment" };
  for (const proof of body.proofs) {
    if (!(await holds(proof, told.root, body.roomId, body.handNumber))) return { failed: "bad_proof" };
  }
  return { proved: body.proofs.length };
}

async function holds(proof: ProofsResponse["proofs"][number], root: string, roomId: string, hand: number): Promise<boolean> {
  if (proof.place >= DECK || proof.path.length !== Math.log2(LEAVES)) return false;
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(hand));
  let node = LEAVES + proof.place;
  let hash = await sha256([0], bytes(roomId.replaceAll("-", "")), number, [proof.place, numberOf(proof.card)], bytes(proof.salt));
  for (const beside of proof.path.map(bytes)) {
    hash = node % 2 === 0 ? await sha256([1], hash, beside) : await sha256([1], beside, hash);
    node >>= 1;
  }
  return hex(hash) === root;
}

/** A card's place in a new deck: suits as above, deuce to ace in each. */
export function numberOf(card: Card): number {
  const [suit, rank] = card.split("_") as [Suit, Rank];
  return SUITS.indexOf(suit) * RANKS.length + RANKS.indexOf(rank);
}

export async function sha256(...parts: ArrayLike<number>[]): Promise<Uint8Array> {
  const joined = Uint8Array.from(parts.flatMap((part) => Array.from(part)));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined));
}

export const hex = (of: Uint8Array): string => Array.from(of, (byte) => byte.toString(16).padStart(2, "0")).join("");
const bytes = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
