// The pots in the middle; when the hand is over, who won what.
import { handWords } from "../i18n/log";
import { boardName, streetBets, type HandView, type View } from "../store/view";
import { chipOf } from "./chips";
import { money } from "./money";
import { tall } from "./screen";
import { winsOf, type Win } from "./showdown";

export function Pots({ v }: { v: View }) {
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
/** Who won what and with what, in a sentence for all that the same people won. */
function Result({ v, h }: { v: View; h: HandView }) {
  const wins = winsOf(v);
  const several = wins.some((w) => w.board !== null);
  return (
    <div class={`result ${several ? "several" : ""}`} role="group" aria-label="Result">
      {wins.map((w) => (
        <ResultLine key={`${w.board}.${w.half}.${w.seats}`} v={v} h={h} w={w} only={wins.length === 1} />
      ))}
    </div>
  );
}
function ResultLine({ v, h, w, only }: { v: View; h: HandView; w: Win; only: boolean }) {
  const m = money(v);
  const name = (seat: number) => (seat === v.me.seat ? "You" : v.seats[seat]?.name || `Seat ${seat + 1}`);
  const what = whatOf(h, w);
  if (what && tall.value) {
    return (
      <p>
        <small>{what} </small>
        <b>{w.seats.map(name).join(", ")}</b> {m.short(w.amount)}
        {w.rank && <span class="vh"> with {handWords(w.rank)}</span>}
      </p>
    );
  }
  return (
    <p>
      {what && <small>{what}: </small>}
      <b>{w.seats.map(name).join(" and ")}</b> {w.seats.length > 1 ? "split" : w.seats[0] === v.me.seat ? "win" : "wins"}{" "}
      <b>{m.short(w.amount)}</b>
      {!only && w.board === null && <small> ({w.pots.map((p) => potName(p, true).toLowerCase()).join(", ")})</small>}
      {w.rank && <span class="rank"> with {handWords(w.rank)}</span>}
    </p>
  );
}
/** "Board 2", "High", "Run 1, low". */
export function whatOf(h: HandView, { board, half }: Pick<Win, "board" | "half">): string {
  if (board === null) return "";
  const where = h.boards.length > 1 ? boardName(h, board) : "";
  const part = half === "whole" ? "" : half;
  return where && part ? `${where}, ${part}` : where || (part && part[0]!.toUpperCase() + part.slice(1));
}
export const potName = (index: number, many: boolean): string => (index === 0 ? (many ? "Main" : "Pot") : `Side ${index}`);
