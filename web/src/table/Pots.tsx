// The pots in the middle; when the hand is over, who won what.
import { initials } from "../i18n/format";
import { handWords } from "../i18n/log";
import { boardName, streetBets, type HandView, type View } from "../store/view";
import { chipOf } from "./chips";
import { money } from "./money";
import { low, tall } from "./screen";
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
  const what = whatOf(h, w);
  const small = what !== "" && (tall.value || low.value);
  const verb = w.seats.length > 1 ? "split" : w.seats[0] === v.me.seat ? "win" : "wins";
  const rank = w.rank ? ` with ${handWords(w.rank)}` : "";
  if (small) {
    return (
      <p>
        <span class="vh">{`${what}: ${namesOf(v, w)} ${verb} ${m(w.amount)}${rank}`}</span>
        <span aria-hidden="true">
          <small>{shortOf(h, w)} </small>
          <b>{briefly(v, w)}</b> {m.short(w.amount)}
        </span>
      </p>
    );
  }
  return (
    <p>
      {what && <small>{what}: </small>}
      {what && w.seats.length > 1 ? (
        <>
          <span class="vh">{namesOf(v, w)}</span>
          <b aria-hidden="true">{briefly(v, w)}</b>
        </>
      ) : (
        <b>{namesOf(v, w)}</b>
      )}{" "}
      {verb} <b>{m.short(w.amount)}</b>
      {!only && w.board === null && <small> ({w.pots.map((p) => potName(p, true).toLowerCase()).join(", ")})</small>}
      {rank && <span class="rank">{rank}</span>}
    </p>
  );
}
const nameOf = (v: View, seat: number): string => (seat === v.me.seat ? "You" : v.seats[seat]?.name || `Seat ${seat + 1}`);
const namesOf = (v: View, w: Win): string => w.seats.map((seat) => nameOf(v, seat)).join(" and ");
/** The first name; those who share are known by what their seats show. */
function briefly(v: View, { seats }: Win): string {
  const brief = (seat: number) => (seat === v.me.seat ? "You" : initials(nameOf(v, seat)));
  return seats.length > 1 ? seats.map(brief).join(", ") : (nameOf(v, seats[0]!).split(" ")[0] ?? "");
}
/** "2", "2 high", "low": for a narrow screen, where the boards are numbered. */
const shortOf = (h: HandView, { board, half }: Win): string =>
  [h.boards.length > 1 && board !== null ? board + 1 : "", half === "whole" ? "" : half].filter(Boolean).join(" ");
/** "Board 2", "High", "Run 1, low". */
export function whatOf(h: HandView, { board, half }: Pick<Win, "board" | "half">): string {
  if (board === null) return "";
  const where = h.boards.length > 1 ? boardName(h, board) : "";
  const part = half === "whole" ? "" : half;
  return where && part ? `${where}, ${part}` : where || (part && part[0]!.toUpperCase() + part.slice(1));
}
export const potName = (index: number, many: boolean): string => (index === 0 ? (many ? "Main" : "Pot") : `Side ${index}`);
