import type { Card } from "../api/common";
import { fmt, hue, initials } from "../i18n/format";
import { GAMES } from "../i18n/games";
import { owedWords, tagOf, WAITS } from "../i18n/log";
import { prefs } from "../store/settings";
import { handLabel, handRuns, type SeatView, type View } from "../store/view";
import { PlayingCard } from "./Card";
import type { Slot } from "./geometry";
import { money } from "./money";
import { Ring, useTimeLeft } from "./Timer";

export const place = (p: { x: number; y: number }) => ({ "--x": p.x.toFixed(2), "--y": p.y.toFixed(2) });

interface Props {
  v: View;
  s: SeatView;
  slot: Slot;
  frozen: boolean;
  lit: ReadonlySet<Card> | null;
  onMenu?: (() => void) | undefined;
}

export function Seat({ v, s, slot, frozen, lit, onMenu }: Props) {
  const mine = s.index === v.me.seat;
  const turn = v.timer?.seat === s.index && handRuns(v);
  const left = useTimeLeft(turn ? v.timer : null, frozen);
  const m = money(v);
  const over = v.hand?.phase === "complete";
  const dealt = s.inHand && v.hand !== null;
  const cards: (Card | null)[] =
    mine && v.me.cards && dealt
      ? v.me.cards
      : (s.shown ?? (dealt && !s.folded && !over ? Array<null>(GAMES[v.hand!.variant].holeCards).fill(null) : []));
  const away = s.status === "disconnected" || (!s.online && s.status !== "empty");
  const state =
    s.status === "sitting_out"
      ? "sitting out"
      : s.status === "leaving"
        ? "leaving"
        : away
          ? "away"
          : s.waitsFor && !s.inHand
            ? WAITS[s.waitsFor]
            : "";
  const asked = v.hand?.question?.seats.includes(s.index)
    ? v.hand.question.answered.includes(s.index)
      ? "answered"
      : "deciding"
    : "";
  const winner = over && s.won > 0;
  const button = v.hand?.buttonSeat === s.index;
  const allIn = s.allIn && dealt && !s.folded;
  const stack = allIn && s.chips === 0 && !over ? "All-in" : m.short(s.chips);
  const spoken = [
    `Seat ${s.index + 1}`,
    mine ? `${s.name} (you)` : s.name,
    allIn && s.chips === 0 ? "All-in" : `${m.short(s.chips)}${m.unit === "bb" ? "" : " chips"}`,
    s.lastAction && !over ? tagOf(s.lastAction, m) : s.posted && !over ? POSTED[s.posted] : "",
    s.folded && s.lastAction?.action !== "FOLD" ? "folded" : "",
    turn ? "to act" : "",
    winner ? `wins ${m(s.won)}${s.handRank ? ` with ${s.handRank}` : ""}` : "",
    button ? (v.hand?.buttonDead ? "dead button" : "dealer") : "",
    state,
    s.owes.length ? `owes ${owedWords(s.owes)}` : "",
    asked,
  ]
    .filter(Boolean)
    .join(", ");
  const mood = (c: Card | null): "" | "win" | "dim" => (!over || !lit || !c ? "" : lit.has(c) && winner ? "win" : "dim");
  // In the ring that it belongs to: beside it there is no room for a long stack and a long time bank.
  const ticking = turn && left !== null && (mine || left.secs <= 10 || left.bank);
  const label = mine && !over && dealt && !s.folded && prefs.value.handLabel ? handLabel(v) : null;
  const cls = [
    "seat",
    mine ? "hero" : "",
    s.folded ? "folded" : "",
    turn ? "turn" : "",
    away ? "away" : "",
    s.status,
    winner ? "winner" : "",
    left?.bank ? "bank" : "",
    slot.x > 70 ? "east" : slot.x < 30 ? "west" : "mid",
    slot.y < 30 ? "north" : "",
  ].join(" ");
  const pod = (
    <>
      <span class="ava" style={{ "--h": String(hue(s.userId ?? "")) }} aria-hidden="true">
        {ticking ? (
          <span class={`secs ${left.bank ? "bank" : ""}`}>
            {left.secs}
            {frozen ? "?" : ""}
          </span>
        ) : (
          initials(s.name)
        )}
        {turn && v.timer && <Ring timer={v.timer} frozen={frozen} left={left} />}
      </span>
      <span class="who" aria-hidden="true">
        <span class="n">{s.name}</span>
        <span class="st" data-chips={s.chips} title={fmt(s.chips)}>
          {stack}
        </span>
      </span>
    </>
  );
  return (
    <li class={cls} style={place(slot)} data-seat={s.index}>
      {cards.length > 0 && (
        <div class="hole" data-cards={cards.length}>
          {cards.map((c, i) => (
            <PlayingCard key={c ?? `back${i}`} card={c} i={i} mood={mood(c)} />
          ))}
        </div>
      )}
      {onMenu ? (
        <button type="button" class="pod" onClick={onMenu}>
          <span class="vh">{spoken}. Seat menu</span>
          {pod}
        </button>
      ) : (
        <div class="pod" role="img" aria-label={spoken}>
          {pod}
        </div>
      )}
      {button && !slot.button && (
        <span class="dbtn on" aria-hidden="true">
          D
        </span>
      )}
      {label ? (
        <span class="strength">
          {label}
          {state && !away ? <small> · {state}</small> : null}
        </span>
      ) : (
        <Tag v={v} s={s} over={over} state={state} winner={winner} asked={asked} />
      )}
    </li>
  );
}

/** What was posted besides the blinds and antes of everybody. */
const POSTED = { straddle: "Straddle", posted_big_blind: "Late blind", dead_small_blind: "Dead blind" } as const;

/** One thing at a time hangs under a pod. What won is told in full on the felt; here the kind of hand is enough. */
function Tag({
  v,
  s,
  over,
  state,
  winner,
  asked,
}: {
  v: View;
  s: SeatView;
  over: boolean;
  state: string;
  winner: boolean;
  asked: string;
}) {
  const m = money(v);
  if (winner)
    return (
      <span class="tag win" aria-hidden="true">
        +{m.short(s.won)}
      </span>
    );
  if (over && s.shown && s.handRank)
    return (
      <span class="tag" aria-hidden="true">
        <small>{s.handRank.split(",")[0]}</small>
      </span>
    );
  if (asked)
    return (
      <span class="tag" data-k={asked === "answered" ? "CHECK" : "STATE"} aria-hidden="true">
        {asked === "answered" ? "Answered" : "Deciding"}
      </span>
    );
  if (s.lastAction && !over)
    return (
      <span class="tag" data-k={s.lastAction.action} aria-hidden="true">
        {tagOf(s.lastAction, (n) => m.short(n))}
      </span>
    );
  if (s.posted && !over)
    return (
      <span class="tag" data-k="POST" aria-hidden="true">
        {POSTED[s.posted]}
      </span>
    );
  if (state)
    return (
      <span class="tag" data-k="STATE" aria-hidden="true">
        {state === "away" ? "Reconnecting" : state[0]!.toUpperCase() + state.slice(1)}
      </span>
    );
  return null;
}

export function EmptySeat({
  index,
  slot,
  open,
  button,
  onSit,
}: {
  index: number;
  slot: Slot;
  open: boolean;
  /** The button lies here, and nobody has it. */
  button: boolean;
  onSit: () => void;
}) {
  return (
    <li class={`seat empty ${open ? "" : "shut"}`} style={place(slot)} data-seat={index}>
      {open ? (
        <button type="button" onClick={onSit}>
          <span>
            Sit <small>Seat {index + 1}</small>
          </span>
        </button>
      ) : (
        <span class="vacant">
          <span class="vh">Seat {index + 1}, empty</span>
        </span>
      )}
      {button && <span class="vh">The button lies here and nobody has it.</span>}
      {button && !slot.button && (
        <span class="dbtn on" aria-hidden="true">
          D
        </span>
      )}
    </li>
  );
}
