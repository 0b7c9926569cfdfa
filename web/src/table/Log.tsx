import { useLayoutEffect, useRef } from "preact/hooks";
import { cardName, glyph, suitOf } from "../i18n/format";
import { lineOf } from "../i18n/log";
import type { Card } from "../api/common";
import type { View } from "../store/view";
import { money } from "./money";

export const MiniCards = ({ cards }: { cards: Card[] }) => (
  <span class="mini" role="img" aria-label={cards.map(cardName).join(", ")}>
    {cards.map((c) => <i key={c} data-suit={suitOf(c)} aria-hidden="true">{glyph(c)}</i>)}
  </span>
);

export function Log({ v, live }: { v: View; live: boolean }) {
  const ref = useRef<HTMLDivElement>(null);
  const stick = useRef(true);
  useLayoutEffect(() => {
    const l = ref.current;
    if (l && stick.current) l.scrollTop = l.scrollHeight;
  }, [v.log.length]);
  const m = money(v);
  const entries = v.log.slice(-240);
  return (
    <div ref={ref} class="log" id="log" tabIndex={0} aria-label="What has happened" role={live ? "log" : "region"} aria-live="off" onScroll={(e) => {
      const l = e.currentTarget;
      stick.current = l.scrollHeight - l.scrollTop - l.clientHeight < 40;
    }}>
      <ol>
      {entries.length === 0 && <li class="quiet">Nothing yet. Hands and arrivals are written here.</li>}
      {entries.map((e, i) => {
        const { who, text } = lineOf(e, m);
        const key = `${e.seq}-${i}`;
        if (e.kind === "hand") return <li key={key} class="handno"><span>{text}</span></li>;
        if (e.kind === "street") return <li key={key} class="street">{text}<MiniCards cards={e.cards} /></li>;
        if (e.kind === "show") return <li key={key}><b>{who}</b> {e.me ? "show" : "shows"} <MiniCards cards={e.cards} />{e.rank ? <span> {e.rank}</span> : null}</li>;
        return <li key={key} class={`l-${e.kind}`}><b>{who}</b> {text}</li>;
      })}
      </ol>
    </div>
  );
}
