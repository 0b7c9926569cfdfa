// The table as text: the same room, without a picture of it. Made for screen readers, good for slow machines too.
import "../kernel";
import { useEffect, useRef, useState } from "preact/hooks";
import { alertNow } from "../fx/announce";
import { turnWords } from "../fx/effects";
import { cardName, fmt, showCode } from "../i18n/format";
import { handWords, owedWords, tagOf, WAITS } from "../i18n/log";
import { stateOfPlay } from "../i18n/play";
import { Bar } from "../room/Bar";
import { Requests } from "../room/Requests";
import { Sheets } from "../room/LazySheets";
import { sheet } from "../room/sheet";
import { flight, refusal } from "../store/act";
import { connected } from "../store/room";
import { mySeat, myTurn, type SeatView, type View } from "../store/view";
import { Banner } from "../table/Banner";
import { TELL } from "../table/keyboard";
import { Log } from "../table/Log";
import { whatOf } from "../table/Pots";
import { winsOf, type Win } from "../table/showdown";
import { Page } from "../ui/parts";
import { HELP, perform } from "./commands";

export function TextView({ v }: { v: View }) {
  const turn = myTurn(v);
  const title = turn ? `Your turn · ${v.name}` : `${v.name}, text view`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => (turn ? alertNow(turnWords(v)) : undefined), []); // later turns are told as they come
  return (
    <Page title={title} back={`/r/${v.code}`} onSettings={() => (sheet.value = { kind: "settings" })}>
      <div class="textview">
        <h1>{v.name}</h1>
        <p class="hint">
          Code {showCode(v.code)}, blinds {fmt(v.settings.smallBlind)} / {fmt(v.settings.bigBlind)}
          {v.hand ? `, hand ${v.hand.number}` : ""}
          {stateOfPlay(v) ? `, ${stateOfPlay(v)}` : ""}. <a href={`/r/${v.code}`}>Picture of the table</a>
        </p>
        <Banner />
        <Requests v={v} />
        <section class="panel" aria-labelledby="t-now">
          <h2 id="t-now">Now</h2>
          <p>{now(v)}</p>
          <p>{TELL.hand!(v)}</p>
          <p>{TELL.board!(v)}</p>
          <p>{TELL.pot!(v)}</p>
        </section>
        <section class="panel" aria-labelledby="t-act">
          <h2 id="t-act">What you can do</h2>
          {turn && v.me.legal ? <Acts v={v} /> : <Bar v={v} />}
          <Command />
        </section>
        <section class="panel" aria-labelledby="t-seats">
          <h2 id="t-seats">Seats</h2>
          <div class="scrollx">
            <table>
              <thead>
                <tr>
                  <th scope="col">Seat</th>
                  <th scope="col">Player</th>
                  <th scope="col">Chips</th>
                  <th scope="col">Bet</th>
                  <th scope="col">State</th>
                </tr>
              </thead>
              <tbody>
                {v.seats
                  .filter((s) => s.userId)
                  .map((s) => (
                    <tr key={s.index} class={v.timer?.seat === s.index ? "now" : ""}>
                      <td>{s.index + 1}</td>
                      <th scope="row">
                        {s.name}
                        {s.index === v.me.seat ? " (you)" : ""}
                      </th>
                      <td>{fmt(s.chips)}</td>
                      <td>{s.bet ? fmt(s.bet) : "none"}</td>
                      <td>{state(v, s)}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        </section>
        <section class="panel" aria-labelledby="t-log">
          <h2 id="t-log">What has happened</h2>
          <Log v={v} live />
        </section>
      </div>
      <Sheets v={v} />
    </Page>
  );
}

function now(v: View): string {
  if (v.gameStatus === "completed") return "The game is over.";
  if (v.gameStatus === "paused") return "The game is paused.";
  if (myTurn(v)) return turnWords(v);
  if (v.hand?.question) return TELL.time!(v);
  if (v.timer) return `${v.seats[v.timer.seat]?.name ?? "Somebody"} is to act.`;
  if (v.hand?.phase === "complete")
    return `The hand is over. ${winsOf(v)
      .map((w) => winWords(v, w))
      .join(". ")}.`;
  return v.gameStatus === "waiting" ? "The game has not started." : "Between hands.";
}
/** "Board 2, high: Ana and Bao win 40 with a flush, jack high". */
function winWords(v: View, w: Win): string {
  const names = w.seats.map((seat) => v.seats[seat]?.name || `Seat ${seat + 1}`).join(" and ");
  const what = v.hand ? whatOf(v.hand, w) : "";
  return `${what ? `${what}: ` : ""}${names} ${w.seats.length > 1 ? "split" : "wins"} ${fmt(w.amount)}${w.rank ? ` with ${handWords(w.rank)}` : ""}`;
}
function state(v: View, s: SeatView): string {
  const parts = [
    v.hand?.buttonSeat === s.index ? (v.hand.buttonDead ? "dead button" : "dealer") : "",
    v.timer?.seat === s.index ? "to act" : "",
    s.folded ? "folded" : s.allIn ? "all-in" : s.lastAction ? tagOf(s.lastAction, fmt).toLowerCase() : "",
    s.shown ? `shows ${s.shown.map(cardName).join(" and ")}` : "",
    s.waitsFor && !s.inHand ? WAITS[s.waitsFor] : "",
    s.owes.length ? `owes ${owedWords(s.owes)}` : "",
    v.hand?.question?.answered.includes(s.index) ? "has answered" : "",
    s.won ? `won ${fmt(s.won)}` : "",
    s.status === "sitting_out"
      ? "sitting out"
      : s.status === "leaving"
        ? "leaving"
        : s.status === "disconnected" || !s.online
          ? "away"
          : "",
  ].filter(Boolean);
  return parts.join(", ") || (s.inHand ? "in the hand" : "waiting");
}

/** Plain buttons for what the server allows; an amount is asked for in a field and sent by its own button. */
function Acts({ v }: { v: View }) {
  const l = v.me.legal!;
  const [to, setTo] = useState(l.minTo);
  const [note, setNote] = useState("");
  const off = !connected.value || flight.value !== null || v.gameStatus === "paused";
  const run = (text: string) => setNote(perform(text) ?? "");
  const kind = l.actions.includes("RAISE") ? "raise" : l.actions.includes("BET") ? "bet" : null;
  return (
    <div class="stackd">
      {(refusal.value ?? note) && (
        <p class="problem" role="alert">
          {refusal.value ?? note}
        </p>
      )}
      <div class="rowd">
        <button type="button" class="btn" disabled={off} onClick={() => run("fold")}>
          Fold
        </button>
        {l.actions.includes("CHECK") ? (
          <button type="button" class="btn primary" disabled={off} onClick={() => run("check")}>
            Check
          </button>
        ) : (
          <button type="button" class="btn primary" disabled={off} onClick={() => run("call")}>
            Call {fmt(l.call)}
          </button>
        )}
        {l.actions.includes("ALL_IN") && (
          <button type="button" class="btn" disabled={off || !l.sure} onClick={() => run("all-in")}>
            All-in {fmt((mySeat(v)?.chips ?? 0) + (mySeat(v)?.bet ?? 0))}
          </button>
        )}
      </div>
      {kind && (
        <form
          class="cmd"
          onSubmit={(e) => {
            e.preventDefault();
            run(`${kind} ${to}`);
          }}
        >
          <label class="field">
            <span class="lab">
              {kind === "bet" ? "Bet" : "Raise to"}, {fmt(l.minTo)} to {fmt(l.maxTo)}
            </span>
            <input
              type="number"
              inputMode="numeric"
              min={l.minTo}
              max={l.maxTo}
              value={to}
              onInput={(e) => setTo(Number(e.currentTarget.value))}
            />
          </label>
          <button type="submit" class="btn" disabled={off || !l.sure}>
            {kind === "bet" ? "Bet" : "Raise"}
          </button>
        </form>
      )}
    </div>
  );
}

function Command() {
  const [text, setText] = useState("");
  const [answer, setAnswer] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const submit = (e: Event) => {
    e.preventDefault();
    if (!text.trim()) return;
    const said = perform(text) ?? "Sent.";
    setAnswer(said);
    alertNow(said);
    setText("");
    field.current?.focus();
  };
  return (
    <form onSubmit={submit} class="stackd">
      <div class="cmd">
        <label class="field">
          <span class="lab">Command</span>
          <input
            ref={field}
            type="text"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            value={text}
            onInput={(e) => setText(e.currentTarget.value)}
            aria-describedby="t-help"
          />
        </label>
        <button type="submit" class="btn">
          Do it
        </button>
      </div>
      <p class="hint" id="t-help">
        {HELP}
      </p>
      <output>{answer}</output>
    </form>
  );
}
