import { Component } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { cardName, glyph, suitOf } from "../i18n/format";
import { lineOf } from "../i18n/log";
import type { Card } from "../api/common";
import type { LogEntry } from "../store/log";
import type { View } from "../store/view";
import { money, type Money } from "./money";

export const MiniCards = ({ cards }: { cards: Card[] }) => (
  <span class="mini" role="img" aria-label={cards.map(cardName).join(", ")}>
    {cards.map((c) => <i key={c} data-suit={suitOf(c)} aria-hidden="true">{glyph(c)}</i>)}
  </span>
);

/** How many entries are shown; the store keeps more. */
const SHOWN = 240;

export function Log({ v, live }: { v: View; live: boolean }) {
  const ref = useRef<HTMLDivElement>(null);
  const stick = useRef(true);
  // In the frame to come: reading a height at once would lay the page out anew for each of many events.
  useLayoutEffect(() => {
    const id = requestAnimationFrame(() => {
      const l = ref.current;
      if (l && stick.current) l.scrollTop = l.scrollHeight;
    });
    return () => cancelAnimationFrame(id);
  }, [v.log.at(-1)]);
  const m = money(v);
  const entries = v.log.slice(-SHOWN);
  return (
    <div ref={ref} class="log" id="log" tabIndex={0} aria-label="What has happened" role={live ? "log" : "region"} aria-live="off" onScroll={(e) => {
      const l = e.currentTarget;
      stick.current = l.scrollHeight - l.scrollTop - l.clientHeight < 40;
    }}>
      <ol>
      {entries.length === 0 && <li class="quiet">Nothing yet. Hands and arrivals are written here.</li>}
      {entries.map((e) => <Line key={keyOf(e)} e={e} m={m} />)}
      </ol>
    </div>
  );
}

/** An entry stays the same object as long as it is shown: its key must not change when older ones fall off. */
const keys = new WeakMap<LogEntry, number>();
let lastKey = 0;
function keyOf(e: LogEntry): number {
  const key = keys.get(e) ?? ++lastKey;
  keys.set(e, key);
  return key;
}

/** What was written once doesn't change, unless amounts are to be read in another unit. */
class Line extends Component<{ e: LogEntry; m: Money }> {
  override shouldComponentUpdate(next: { e: LogEntry; m: Money }): boolean {
    return next.e !== this.props.e || next.m.unit !== this.props.m.unit;
  }
  override render() {
    const { e, m } = this.props;
    const { who, text } = lineOf(e, m);
    if (e.kind === "hand") return <li class="handno"><span>{text}</span></li>;
    if (e.kind === "street") return <li class="street">{text}<MiniCards cards={e.cards} /></li>;
    if (e.kind === "show") return <li><b>{who}</b> {e.me ? "show" : "shows"} <MiniCards cards={e.cards} />{e.rank ? <span> {e.rank}</span> : null}</li>;
    return <li class={`l-${e.kind}`}><b>{who}</b> {text}</li>;
  }
}
