// What docs/rules.md has and the server's types don't have yet, by the public contract. A part goes when wire.ts has it.
import type { Amount } from "./wire";

export interface NextSettings {
  bounty72: number;
}
/** As a room has them whose server doesn't know them. */
export const NEXT_DEFAULTS: NextSettings = {
  bounty72: 0,
};
export const NEXT_LIMITS = {
  bounty72: [0, 1_000_000_000_000],
} as const;

interface Common {
  seq: number;
  roomId: string;
  at: number;
}
export type NextEvent = Common & {
  type: "bounty_paid";
  handId: string;
  userId: string;
  amount: Amount;
  from: { seatIndex: number; amount: Amount }[];
};
