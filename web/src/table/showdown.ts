// What each board and each half of the pots was won by, and with which cards. Who wins is the server's word.
import type { Card } from "../api/common";
import type { Half } from "../api/wire";
import { GAMES } from "../i18n/games";
import { rankIn, type Award, type AwardPart, type View } from "../store/view";
import { bestFive, bestLow } from "./best-five";

export interface Win {
  /** The board or run that it was won on; null where there was one alone and no low, or where the same people won everything. */
  board: number | null;
  half: Half;
  seats: number[];
  amount: number;
  pots: number[];
  rank: string | null;
}

const seatsOf = (part: Pick<AwardPart, "winners">): number[] => part.winners.map((w) => w.seat);
const partsOf = (a: Award): AwardPart[] =>
  a.parts.length ? a.parts : [{ board: 0, half: "whole", amount: a.amount, winners: a.winners }];

/** One entry for all that the same people won: by board and half where that differs, else by pots. */
export function winsOf(v: View): Win[] {
  const h = v.hand;
  if (!h) return [];
  const awards: Award[] = h.awards.length
    ? h.awards
    : h.winners.map((w, i) => ({ potIndex: i, amount: w.amount, winners: [{ seat: w.seat, amount: w.amount }], parts: [] }));
  const all = awards.flatMap((a) => partsOf(a).map((part) => ({ ...part, pot: a.potIndex })));
  const plain = all.every((p) => p.board === 0 && p.half === "whole") || new Set(all.map((p) => seatsOf(p).join())).size === 1;
  const wins = new Map<string, Win>();
  for (const part of all) {
    const seats = seatsOf(part);
    const key = plain ? seats.join() : `${part.board}.${part.half}.${seats}`;
    const so = wins.get(key);
    wins.set(key, {
      board: plain ? null : part.board,
      half: plain ? "whole" : part.half,
      seats,
      amount: (so?.amount ?? 0) + part.amount,
      pots: so?.pots.includes(part.pot) ? so.pots : [...(so?.pots ?? []), part.pot],
      rank: plain ? (h.winners.find((w) => w.seat === seats[0])?.rank ?? null) : rankIn(v.seats[seats[0]!], part),
    });
  }
  return [...wins.values()].sort((a, b) => (a.board ?? 0) - (b.board ?? 0));
}

/** For each board the cards of its winners' hands, to be lit; null where the hand ended without a showdown. */
export function winningCards(v: View): ReadonlySet<Card>[] | null {
  const h = v.hand;
  if (h?.phase !== "complete" || h.boards.some((board) => board.length < 5)) return null;
  const game = GAMES[h.variant];
  const parts = h.awards.flatMap((a) => a.parts);
  const lit = h.boards.map(() => new Set<Card>());
  for (const s of v.seats) {
    const cards = s.shown ?? (s.index === v.me.seat && s.handRank ? v.me.cards : null);
    if (s.won === 0 || cards?.length !== game.holeCards) continue;
    h.boards.forEach((board, b) => {
      const here = parts.filter((p) => p.board === b && p.winners.some((w) => w.seat === s.index));
      if (here.some((p) => p.half !== "low") || parts.length === 0) for (const c of bestFive(cards, board, game)) lit[b]!.add(c);
      if (here.some((p) => p.half === "low")) for (const c of bestLow(cards, board)) lit[b]!.add(c);
    });
  }
  return lit.some((cards) => cards.size) ? lit : null;
}
