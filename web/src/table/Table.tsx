// The table itself: the same for player, spectator, host and replay.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Card } from "../api/common";
import { cardName } from "../i18n/format";
import { handWords } from "../i18n/log";
import type { Award, HandView, View } from "../store/view";
import { streetBets } from "../store/view";
import { GAMES } from "../i18n/games";
import { bestFive } from "./best-five";
import { PlayingCard } from "./Card";
import { layout, type Slot } from "./geometry";
import { money } from "./money";
import { EmptySeat, place, Seat } from "./Seat";

const tallQuery = matchMedia("(max-width:760px) and (orientation:portrait),(orientation:portrait) and (max-width:900px)");
export const tall = signal(tallQuery.matches);
tallQuery.addEventListener("change", (e) => (tall.value = e.matches));

interface Props {
  v: View;
  frozen: boolean;
  onSit?: (seat: number) => void;
  onMenu?: () => void;
  /** What the felt says when no hand is there. */
  children?: ComponentChildren;
}

export function Table({ v, frozen, onSit, onMenu, children }: Props) {
  const slots = layout(v.seats.length, tall.value);
  const base = v.me.seat ?? 0;
  const slotOf = (seat: number): Slot => slots[(seat - base + slots.length) % slots.length]!;
  const order = v.seats.map((_, i) => v.seats[(base + i) % v.seats.length]!);
  const m = money(v);
  const lit = winningCards(v);
  const over = v.hand?.phase === "complete";
  const canSit = v.me.seat === null && v.roomStatus === "open" && v.gameStatus !== "completed" && onSit !== undefined;
  const hand = v.gameStatus === "completed" ? null : v.hand;
  const button = hand ? slotOf(hand.buttonSeat).button : null;
  const many = v.seats.length >= 8 ? "many" : "";
  return (
    <section class={`stage ${frozen ? "frozen" : ""} ${many}`} id="table" tabIndex={-1} aria-label="Table">
      <div class="ring">
        <div class="tbl" />
        <ul class="seats" aria-label="Seats">
          {order.map((s) =>
            s.userId ? (
              <Seat
                key={s.index}
                v={v}
                s={s}
                slot={slotOf(s.index)}
                frozen={frozen}
                lit={lit}
                onMenu={s.index === v.me.seat ? onMenu : undefined}
              />
            ) : (
              <EmptySeat key={s.index} index={s.index} slot={slotOf(s.index)} open={canSit} onSit={() => onSit?.(s.index)} />
            ),
          )}
        </ul>
        <div class="center">
          {hand ? (
            <>
              <Pots v={v} />
              <div
                class="board"
                role="group"
                aria-label={hand.board.length ? `Board: ${hand.board.map(cardName).join(", ")}` : "Board: no cards yet"}
              >
                {hand.board.map((c, i) => (
                  <PlayingCard key={c} card={c} i={i < 3 ? i : 0} mood={lit && over ? (lit.has(c) ? "win" : "dim") : ""} />
                ))}
                {Array.from({ length: 5 - hand.board.length }, (_, i) => (
                  <span key={`slot${i}`} class="slot" />
                ))}
              </div>
            </>
          ) : null}
          {children}
        </div>
        {v.seats.map((s) =>
          s.bet > 0 ? (
            <div
              class={`bet ${slotOf(s.index).bet.end ?? ""} ${sideOf(slotOf(s.index))}`}
              key={s.index}
              data-bet={s.index}
              data-amount={s.bet}
              style={{ ...place(slotOf(s.index).bet), "--sx": slotOf(s.index).x, "--sy": slotOf(s.index).y }}
            >
              <span class="chip" data-v={chipOf(s.bet)} />
              <span class="vh">{s.name} has bet </span>
              {m.short(s.bet)}
            </div>
          ) : null,
        )}
        {button && (
          <div class="dbtn" style={place(button)} aria-hidden="true">
            D
          </div>
        )}
      </div>
    </section>
  );
}

function Pots({ v }: { v: View }) {
  const h = v.hand!;
  const m = money(v);
  const name = (seat: number) => v.seats[seat]?.name ?? `seat ${seat + 1}`;
  if (h.phase === "complete")
    return (
      <div class="pots over">
        <Result v={v} h={h} />
      </div>
    );
  const many = h.pots.length > 1;
  if (!many) {
    return (
      <div class="pots" role="group" aria-label="Pots">
        <div class="pot" data-pot={h.pot}>
          <span class="chip" data-v={chipOf(h.pot)} />
          <span>
            <small>Pot </small>
            <b>{m(h.pot)}</b>
          </span>
        </div>
      </div>
    );
  }
  return (
    <div class="pots" role="group" aria-label="Pots">
      {h.pots.map((p, i) => (
        <div class={`pot ${i ? "sidepot" : ""}`} key={i} title={`Can win it: ${p.eligible.map(name).join(", ")}`}>
          <span class="chip" data-v={chipOf(p.amount)} />
          <span>
            <small>{potName(i, true)} </small>
            <b>{m.short(p.amount)}</b>
            <span class="vh">, for {p.eligible.map(name).join(", ")}</span>
          </span>
        </div>
      ))}
      {streetBets(v) > 0 && (
        <div class="pot sidepot" data-pot={h.pot}>
          <span>
            <small>In all </small>
            <b>{m.short(h.pot)}</b>
          </span>
        </div>
      )}
    </div>
  );
}
/** Who won what and with what, in a sentence for all pots that the same people won. */
function Result({ v, h }: { v: View; h: HandView }) {
  const m = money(v);
  const awards: Award[] = h.awards.length
    ? h.awards
    : h.winners.map((w, i) => ({ potIndex: i, amount: w.amount, winners: [{ seat: w.seat, amount: w.amount }] }));
  const shares = new Map<string, { seats: number[]; amount: number; pots: number[] }>();
  for (const a of awards) {
    const seats = a.winners.map((w) => w.seat);
    const so = shares.get(seats.join());
    shares.set(seats.join(), { seats, amount: (so?.amount ?? 0) + a.amount, pots: [...(so?.pots ?? []), a.potIndex] });
  }
  const name = (seat: number) => (seat === v.me.seat ? "You" : v.seats[seat]?.name || `Seat ${seat + 1}`);
  return (
    <div class="result" role="group" aria-label="Result">
      {[...shares.values()].map(({ seats, amount, pots }) => {
        const rank = h.winners.find((w) => w.seat === seats[0])?.rank;
        return (
          <p key={seats.join()}>
            <b>{seats.map(name).join(" and ")}</b> {seats.length > 1 ? "split" : seats[0] === v.me.seat ? "win" : "wins"}{" "}
            <b>{m.short(amount)}</b>
            {shares.size > 1 && <small> ({pots.map((p) => potName(p, true).toLowerCase()).join(", ")})</small>}
            {rank && <> with {handWords(rank)}</>}
          </p>
        );
      })}
    </div>
  );
}
export const potName = (index: number, many: boolean): string => (index === 0 ? (many ? "Main" : "Pot") : `Side ${index}`);
const chipOf = (n: number): string =>
  n >= 1000 ? "1k" : n >= 500 ? "500" : n >= 100 ? "100" : n >= 25 ? "25" : n >= 5 ? "5" : "1";

/** Where along a side of the table a seat is: small screens put its bet accordingly. */
const sideOf = ({ x, y }: Slot): string =>
  x > 30 && x < 70 ? "" : y < 45 ? "flank upper" : y > 58 ? "flank lower" : "flank middle";

/** The five cards of every shown winner, to be lit; null where the hand ended without a showdown. */
function winningCards(v: View): ReadonlySet<Card> | null {
  const h = v.hand;
  if (h?.phase !== "complete" || h.board.length < 5) return null;
  const lit = new Set<Card>();
  for (const s of v.seats) {
    if (s.won === 0) continue;
    const cards = s.shown ?? (s.index === v.me.seat && s.handRank ? v.me.cards : null);
    if (cards) for (const c of bestFive(cards, h.board, GAMES[h.variant])) lit.add(c);
  }
  return lit.size ? lit : null;
}
