import { Component } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { cardName, glyph, suitOf } from "../i18n/format";
import { lineOf } from "../i18n/log";
import type { Card } from "../api/common";
import type { LogEntry } from "../store/log";
import type { View } from "../store/view";
import { Icon } from "../ui/icons";
import { Follower } from "./follow";
import { money, type Money } from "./money";

const MiniCards = ({ cards }: { cards: Card[] }) => (
  <span class="mini" role="img" aria-label={cards.map(cardName).join(", ")}>
    {cards.map((c) => (
      <i key={c} data-suit={suitOf(c)} aria-hidden="true">
        {glyph(c)}
      </i>
    ))}
  </span>
);

/** How many entries are shown; the store keeps more. */
const SHOWN = 240;

export function Log({ v, live }: { v: View; live: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const follower = useRef(new Follower()).current;
  const [behind, setBehind] = useState(false);
  const told = () => setBehind(!follower.following);
  useLayoutEffect(() => {
    // Called once a frame, after the layout: reading heights then costs nothing, however many events came.
    const sizes = new ResizeObserver(() => box.current && follower.resized(box.current));
    sizes.observe(box.current!);
    sizes.observe(list.current!);
    return () => sizes.disconnect();
  }, []);
  const newest = () => {
    follower.toEnd(box.current!);
    told();
    box.current!.focus({ preventScroll: true });
  };
  const m = money(v);
  const entries = v.log.slice(-SHOWN);
  return (
    <div class="logbox">
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both of its roles may have a name */}
      <div
        ref={box}
        class={behind ? "log behind" : "log"}
        id="log"
        tabIndex={0}
        aria-label="What has happened"
        role={live ? "log" : "region"}
        aria-live="off"
        onScroll={(e) => {
          follower.scrolled(e.currentTarget);
          told();
        }}
      >
        <ol ref={list}>
          {entries.length === 0 && <li class="quiet">Nothing yet. Hands and arrivals are written here.</li>}
          {entries.map((e) => (
            <Line key={`${e.seq}.${e.part}`} e={e} m={m} />
          ))}
        </ol>
      </div>
      {behind && (
        <button type="button" class="btn small newest" onClick={newest}>
          <Icon name="down" />
          Newest
        </button>
      )}
    </div>
  );
}
/** What was written once doesn't change, unless amounts are to be read in another unit. */
class Line extends Component<{ e: LogEntry; m: Money }> {
  override shouldComponentUpdate(next: { e: LogEntry; m: Money }): boolean {
    return next.e !== this.props.e || next.m.unit !== this.props.m.unit;
  }
  override render() {
    const { e, m } = this.props;
    const { who, text } = lineOf(e, m);
    if (e.kind === "hand")
      return (
        <li class="handno">
          <span>{text}</span>
        </li>
      );
    if (e.kind === "street")
      return (
        <li class="street">
          {text}
          {e.boards.map((cards, board) => (
            <MiniCards key={board} cards={cards} />
          ))}
        </li>
      );
    if (e.kind === "run")
      return (
        <li class="street">
          Run {e.run + 1}
          <MiniCards cards={e.cards} />
        </li>
      );
    if (e.kind === "rabbit" && e.boards.some((cards) => cards.length))
      return (
        <li>
          <b>{who}</b> {e.me ? "hunt" : "hunts"} the rabbit:{" "}
          {e.boards.map((cards, board) => (
            <MiniCards key={board} cards={cards} />
          ))}{" "}
          would have come
        </li>
      );
    if (e.kind === "show")
      return (
        <li>
          <b>{who}</b> {e.me ? "show" : "shows"} <MiniCards cards={e.cards} />
          {e.rank ? <span> {e.rank}</span> : null}
        </li>
      );
    return (
      <li class={`l-${e.kind}`}>
        <b>{who}</b> {text}
      </li>
    );
  }
}
