import type { Card, Suit } from "../api/common";
import { cardName, rankOf, suitOf } from "../i18n/format";

const SUITS: Record<Suit, string> = {
  hearts:
    "M12 21.400C5 15.700 2 12.300 2 8.400 2 5.400 4.200 3 7.100 3 9.100 3 11 4.100 12 6c1-1.900 2.900-3 4.900-3C19.800 3 22 5.400 22 8.400c0 3.900-3 7.300-10 13z",
  diamonds:
    "M12 1.500c2.200 3.900 5 7.400 8.500 10.500-3.500 3.100-6.300 6.600-8.500 10.500-2.200-3.900-5-7.400-8.500-10.500C7 8.900 9.800 5.400 12 1.500z",
  spades:
    "M12 1.500c-1 3-9.500 7.600-9.500 13 0 2.900 2.100 4.700 4.500 4.700 1.600 0 2.900-.7 3.800-1.900-.2 2-.9 3.700-2.300 5.200h7c-1.400-1.500-2.100-3.200-2.300-5.200.9 1.200 2.200 1.900 3.800 1.900 2.400 0 4.500-1.800 4.500-4.700 0-5.400-8.500-10-9.500-13z",
  clubs:
    "M12 1.900a4.700 4.700 0 0 0-4 7.200A4.800 4.800 0 1 0 10.900 16.200c-.2 2.500-.9 4.600-2.400 6.300h7c-1.500-1.700-2.200-3.800-2.400-6.300A4.800 4.800 0 1 0 16 9.100a4.700 4.700 0 0 0-4-7.200z",
};

/** A card face, or a back where there is no card to see. */
export function PlayingCard({
  card,
  i = 0,
  mood = "",
}: {
  card: Card | null;
  i?: number;
  mood?: "" | "win" | "dim" | "undealt";
}) {
  const style = { "--i": String(i) };
  if (!card) return <span class="card back deal" style={style} role="img" aria-label="face-down card" />;
  const suit = suitOf(card);
  return (
    <span class={`card deal ${mood}`} data-suit={suit} data-card={card} style={style} role="img" aria-label={cardName(card)}>
      <b aria-hidden="true">{rankOf(card)}</b>
      <svg class="s1" viewBox="0 0 24 24" aria-hidden="true">
        <path d={SUITS[suit]} />
      </svg>
      <svg class="s2" viewBox="0 0 24 24" aria-hidden="true">
        <path d={SUITS[suit]} />
      </svg>
    </span>
  );
}
