import type { Card, Rank, Suit } from "../api/common";

const numbers = new Intl.NumberFormat("en-US");
const decimals = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
export const fmt = (n: number): string => numbers.format(n);

/** An amount as the player likes to read it: chips, or big blinds. */
export function amount(n: number, unit: "chips" | "bb", bigBlind: number): string {
  return unit === "bb" && bigBlind > 0 ? `${decimals.format(n / bigBlind)} BB` : fmt(n);
}
/** Short form for narrow places: 12.3k, 4.5M. Exact below 100,000. */
export function short(n: number): string {
  const abs = Math.abs(n);
  if (abs < 100_000) return fmt(n);
  if (abs < 1_000_000) return `${decimals.format(Math.floor(n / 100) / 10)}k`;
  if (abs < 1_000_000_000) return `${decimals.format(Math.floor(n / 100_000) / 10)}M`;
  return `${decimals.format(Math.floor(n / 100_000_000) / 10)}B`;
}
export const suitOf = (c: Card): Suit => c.slice(0, c.indexOf("_")) as Suit;
export const rankOf = (c: Card): Rank => c.slice(c.indexOf("_") + 1) as Rank;

const WORDS: Partial<Record<Rank, string>> = { J: "jack", Q: "queen", K: "king", A: "ace" };
export const cardName = (c: Card): string => `${WORDS[rankOf(c)] ?? rankOf(c)} of ${suitOf(c)}`;
const GLYPH: Record<Suit, string> = { spades: "♠", hearts: "♥", diamonds: "♦", clubs: "♣" };
export const glyph = (c: Card): string => rankOf(c) + GLYPH[suitOf(c)];

/** Seconds as people say them: "45 s", "2 min", "1 h 05". */
export function span(secs: number): string {
  const s = Math.max(0, Math.round(secs));
  if (s < 100) return `${s} s`;
  if (s < 3600) return `${Math.round(s / 60)} min`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}`;
}
export const clockTime = (ms: number): string =>
  new Date(ms).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
/** What people see as one letter may be several code points: a flag, an accent, a family. */
const graphemes = typeof Intl.Segmenter === "function" ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;
const letters = (word: string): string[] => (graphemes ? Array.from(graphemes.segment(word), (s) => s.segment) : [...word]);
export const initials = (name: string): string => {
  const [first = "?", second] = name.trim().split(/\s+/);
  return (second === undefined ? letters(first).slice(0, 2).join("") : letters(first)[0]! + letters(second)[0]!).toUpperCase();
};
/** A hue for an avatar, always the same for one user. */
export const hue = (id: string): number => [...id].reduce((h, c) => (h * 31 + c.charCodeAt(0)) >>> 0, 7) % 360;
export const plural = (n: number, one: string, many: string): string => `${fmt(n)} ${n === 1 ? one : many}`;
/** Codes are read aloud in two halves. */
export const showCode = (code: string): string =>
  code.length > 5 ? `${code.slice(0, Math.ceil(code.length / 2))}-${code.slice(Math.ceil(code.length / 2))}` : code;
