// The games by name, and what the client has to know of each. What is legal and who wins is the server's word.
import type { Variant } from "../api/wire";

export interface Game {
  name: string;
  short: string;
  holeCards: number;
  /** A hand is exactly two of one's own cards and three of the board. */
  twoAndThree: boolean;
  potLimit: boolean;
  /** Without the cards below six: a flush beats a full house, and the ace stands for a five too. */
  sixPlus: boolean;
}

const game = (name: string, short: string, holeCards: number, more: Partial<Game> = {}): Game => ({
  name,
  short,
  holeCards,
  twoAndThree: false,
  potLimit: false,
  sixPlus: false,
  ...more,
});
const omaha = { twoAndThree: true, potLimit: true };

/** The compiler wants a row for each variant. */
export const GAMES: Readonly<Record<Variant, Game>> = {
  nlhe: game("No-limit hold'em", "Hold'em", 2),
  plo: game("Pot-limit Omaha", "Omaha", 4, omaha),
  plo5: game("Pot-limit Omaha, five cards", "Omaha 5", 5, omaha),
  plo8: game("Pot-limit Omaha hi-lo", "Omaha hi-lo", 4, omaha),
  shortdeck: game("Short deck", "Short deck", 2, { sixPlus: true }),
};
export const VARIANTS = Object.keys(GAMES) as Variant[];
