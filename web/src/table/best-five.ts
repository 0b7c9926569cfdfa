// Which five of the shown cards make the winning hand: only to light them up. Who wins is the server's word.
import type { Card } from "../api/common";
import { rankOf, suitOf } from "../i18n/format";
import type { Game } from "../i18n/games";

const ORDER = ["2", "3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K", "A"];
const value = (c: Card): number => ORDER.indexOf(rankOf(c)) + 2;

/** Bigger is better; compares element by element. */
function score(five: Card[], sixPlus: boolean): number[] {
  const values = five.map(value).sort((a, b) => b - a);
  const counts = new Map<number, number>();
  for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1);
  const groups = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0]);
  const flush = new Set(five.map(suitOf)).size === 1;
  // The ace below the lowest card.
  const wheel = values.join() === (sixPlus ? "14,9,8,7,6" : "14,5,4,3,2");
  const straight = counts.size === 5 && (values[0]! - values[4]! === 4 || wheel);
  const ordered = groups.map((g) => g[0]);
  const shape = groups.map((g) => g[1]).join("");
  const top = wheel ? [values[1]!] : ordered;
  if (straight && flush) return [8, ...top];
  if (shape === "41") return [7, ...ordered];
  if (shape === "32") return [sixPlus ? 5 : 6, ...ordered];
  if (flush) return [sixPlus ? 6 : 5, ...ordered];
  if (straight) return [4, ...top];
  if (shape === "311") return [3, ...ordered];
  if (shape === "221") return [2, ...ordered];
  return shape === "2111" ? [1, ...ordered] : [0, ...ordered];
}
function better(a: number[], b: number[]): boolean {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const d = (a[i] ?? 0) - (b[i] ?? 0);
    if (d) return d > 0;
  }
  return false;
}
/** All ways to take so many of these cards. */
function choices(cards: readonly Card[], count: number): Card[][] {
  if (count === 0) return [[]];
  return cards.flatMap((card, i) => choices(cards.slice(i + 1), count - 1).map((rest) => [card, ...rest]));
}
/** The best low hand of two own cards and three of the board: five different ranks, none above the eight; none is an empty list. */
export function bestLow(own: readonly Card[], board: readonly Card[]): Card[] {
  const rank = (c: Card) => (value(c) === 14 ? 1 : value(c));
  const low = (cards: readonly Card[]) => cards.filter((c) => rank(c) <= 8);
  const fives = choices(low(own), 2).flatMap((two) => choices(low(board), 3).map((three) => [...two, ...three]));
  let best: Card[] = [];
  let least: number[] = [];
  for (const five of fives) {
    const ranks = five.map(rank).sort((a, b) => b - a);
    if (new Set(ranks).size === 5 && (!best.length || better(least, ranks))) [best, least] = [five, ranks];
  }
  return best;
}
/** Of these own cards and a whole board, by the rules of the game. */
export function bestFive(own: readonly Card[], board: readonly Card[], game: Game): Card[] {
  const fives = game.twoAndThree
    ? choices(own, 2).flatMap((two) => choices(board, 3).map((three) => [...two, ...three]))
    : choices([...own, ...board], 5);
  let best: Card[] = [];
  let top: number[] = [];
  for (const five of fives) {
    const s = score(five, game.sixPlus);
    if (!best.length || better(s, top)) [best, top] = [five, s];
  }
  return best;
}
