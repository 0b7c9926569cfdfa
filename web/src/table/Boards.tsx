// One board, two, or one for each run.
import type { Card } from "../api/common";
import { cardName } from "../i18n/format";
import { boardName, type HandView } from "../store/view";
import { PlayingCard } from "./Card";

export function Boards({ h, lit }: { h: HandView; lit: readonly ReadonlySet<Card>[] | null }) {
  const many = h.boards.length > 1;
  return (
    <div class="boards" data-boards={h.boards.length}>
      {h.boards.map((cards, board) => (
        <Row
          key={board}
          h={h}
          board={board}
          cards={cards}
          lit={lit?.[board] ?? null}
          name={many ? boardName(h, board) : "Board"}
        />
      ))}
    </div>
  );
}

interface Props {
  h: HandView;
  board: number;
  cards: readonly Card[];
  lit: ReadonlySet<Card> | null;
  name: string;
}
function Row({ h, board, cards, lit, name }: Props) {
  const over = h.phase === "complete";
  const mood = (c: Card) => (lit && over ? (lit.has(c) ? "win" : "dim") : "");
  const undealt = h.rabbit?.[board]?.slice(cards.length) ?? [];
  return (
    <div class="board" data-board={board} role="group" aria-label={`${name}: ${boardWords(cards, undealt)}`}>
      {h.boards.length > 1 && (
        <span class="bn" aria-hidden="true">
          {board + 1}
        </span>
      )}
      {cards.map((c, i) => (
        <PlayingCard key={c} card={c} i={i < 3 ? i : 0} mood={mood(c)} />
      ))}
      {undealt.map((c) => (
        <PlayingCard key={c} card={c} mood="undealt" />
      ))}
      {Array.from({ length: 5 - cards.length - undealt.length }, (_, i) => (
        <span key={`slot${i}`} class="slot" />
      ))}
    </div>
  );
}
/** A board in words, with what would have come after it. */
export function boardWords(cards: readonly Card[], undealt: readonly Card[] = []): string {
  const dealt = cards.map(cardName).join(", ") || "no cards yet";
  return undealt.length ? `${dealt}; would have come: ${undealt.map(cardName).join(", ")}` : dealt;
}
