// What a player may still do between a hand and the next one: show cards, ask what would have come.
import "../kernel";
import type { Card } from "../api/common";
import { cardName, glyph, suitOf } from "../i18n/format";
import { huntRabbit, showCards } from "../store/act";
import { hiddenCards, mayHuntRabbit, type View } from "../store/view";
import { Do } from "../ui/parts";

export function AfterHand({ v }: { v: View }) {
  const hidden = hiddenCards(v);
  const rabbit = mayHuntRabbit(v);
  return (
    <div class="after" role="group" aria-label="After the hand">
      {hidden.length > 0 && (
        <>
          <span class="hint">Show</span>
          {hidden.map((card) => (
            <ShowOne key={card} v={v} card={card} />
          ))}
          {hidden.length > 1 && (
            <Do class="btn small" run={() => showCards(v, hidden)}>
              {hidden.length === 2 ? "Both" : "All"}
              <span class="vh"> of your cards</span>
            </Do>
          )}
        </>
      )}
      {rabbit && (
        <Do class="btn small" run={() => huntRabbit(v)}>
          Rabbit hunt
        </Do>
      )}
    </div>
  );
}
const ShowOne = ({ v, card }: { v: View; card: Card }) => (
  <Do class="btn small showcard" run={() => showCards(v, [card])}>
    <span class="vh">Show the {cardName(card)}</span>
    <i data-suit={suitOf(card)} aria-hidden="true">
      {glyph(card)}
    </i>
  </Do>
);
