// The table itself: the same for player, spectator, host and replay.
import type { ComponentChildren } from "preact";
import type { View } from "../store/view";
import { Boards } from "./Boards";
import { chipOf } from "./chips";
import { layout, type Slot } from "./geometry";
import { money } from "./money";
import { Pots } from "./Pots";
import { EmptySeat, place, Seat } from "./Seat";
import { tall } from "./screen";
import { winningCards } from "./showdown";

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
  const litHole = lit && new Set(lit.flatMap((cards) => [...cards]));
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
                lit={litHole}
                onMenu={s.index === v.me.seat ? onMenu : undefined}
              />
            ) : (
              <EmptySeat
                key={s.index}
                index={s.index}
                slot={slotOf(s.index)}
                open={canSit}
                button={hand?.buttonSeat === s.index}
                onSit={() => onSit?.(s.index)}
              />
            ),
          )}
        </ul>
        <div class="center">
          {hand ? (
            <>
              <Pots v={v} />
              <Boards h={hand} lit={lit} />
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

/** Where along a side of the table a seat is: small screens put its bet accordingly. */
const sideOf = ({ x, y }: Slot): string =>
  x > 30 && x < 70 ? "" : y < 45 ? "flank upper" : y > 58 ? "flank lower" : "flank middle";
