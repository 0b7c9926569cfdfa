// What docs/rules.md has and the server's types don't have yet, by the public contract. A part goes when wire.ts has it.
import type { Amount, Card, Document, DocumentGame, DocumentHand, Variant } from "./wire";

export interface NextSettings {
  straddle: "off" | "utg" | "button";
  maxStraddles: number;
  runItTwice: "off" | "ask" | "always";
  maxRuns: number;
  runVoteSecs: number;
  doubleBoard: "off" | "bomb_pots" | "always";
  bombPotMode: "off" | "every" | "percent" | "manual";
  bombPotEvery: number;
  bombPotPercent: number;
  bombPotAnte: number;
  bombPotVariant: Variant | null;
  bounty72: number;
  rabbitHunt: "off" | "asker" | "room";
}
/** As a room has them whose server doesn't know them. */
export const NEXT_DEFAULTS: NextSettings = {
  straddle: "off",
  maxStraddles: 1,
  runItTwice: "off",
  maxRuns: 2,
  runVoteSecs: 10,
  doubleBoard: "off",
  bombPotMode: "off",
  bombPotEvery: 20,
  bombPotPercent: 5,
  bombPotAnte: 5,
  bombPotVariant: null,
  bounty72: 0,
  rabbitHunt: "off",
};
export const NEXT_LIMITS = {
  maxStraddles: [1, 3],
  maxRuns: [2, 3],
  runVoteSecs: [5, 30],
  bombPotEvery: [1, 500],
  bombPotPercent: [1, 100],
  bombPotAnte: [1, 20],
  bounty72: [0, 1_000_000_000_000],
} as const;

interface Common {
  seq: number;
  roomId: string;
  at: number;
}
export type NextEvent = Common &
  (
    | { type: "runs_asked"; handId: string; seats: number[]; maxRuns: number; turn: number; expiresAt: number | null }
    | { type: "runs_answered"; handId: string; seatIndex: number }
    | { type: "runs_decided"; handId: string; runs: number }
    | { type: "run_dealt"; handId: string; run: number; board: Card[] }
    | { type: "cards_shown"; handId: string; seatIndex: number; userId: string; cards: Card[] }
    | { type: "rabbit_shown"; handId: string; userId: string; boards?: Card[][] }
    | { type: "bounty_paid"; handId: string; userId: string; amount: Amount; from: { seatIndex: number; amount: Amount }[] }
    | { type: "bomb_pot_queued"; byUserId: string }
    | { type: "bomb_pot_cancelled"; byUserId: string }
  );

interface Question {
  kind: "runs";
  seats: number[];
  max_runs: number;
  turn: number;
  expires_at: number | null;
  answered: number[];
}
export type NextDocument = Omit<Document, "hand" | "game"> & {
  hand: (DocumentHand & { question?: Question | null }) | null;
  game: DocumentGame & { next_bomb_pot?: number | null };
};
