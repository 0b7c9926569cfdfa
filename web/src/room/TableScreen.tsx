// A room from inside: table, bar, log, and the sheets over it.
import { useEffect, useState } from "preact/hooks";
import { buzz } from "../fx/effects";
import { play } from "../fx/sound";
import { alertNow } from "../fx/announce";
import { serverNow } from "../net/clock";
import { showCode } from "../i18n/format";
import { connected, refresh, view } from "../store/room";
import { myQuestion, myTurn, nameOf, type View } from "../store/view";
import { Banner } from "../table/Banner";
import { tableKeys } from "../table/keyboard";
import { Log } from "../table/Log";
import { secondsLeft } from "../table/question";
import { Table } from "../table/Table";
import { timeLeft } from "../table/Timer";
import { CopyButton, IconButton } from "../ui/parts";
import { lazy } from "../ui/lazy";
import { Bar } from "./Bar";
import { answerFirst, Requests } from "./Requests";
import { Sheets } from "./LazySheets";
import { closeSheet, inviteUrl, sheet } from "./sheet";
import { TopBar } from "./TopBar";

const HostPanel = lazy(
  () => import("../host/main"),
  (m) => m.HostPanel,
);

export function TableScreen({ v }: { v: View }) {
  const [host, setHost] = useState(false);
  const [log, setLog] = useState(false);
  useEffect(
    () =>
      tableKeys((key) => {
        const now = view.peek();
        if (key === "escape") {
          setHost(false);
          setLog(false);
          return true;
        }
        if (key === "g") {
          setLog(true);
          requestAnimationFrame(() => document.getElementById("log")?.focus({ preventScroll: true }));
          return true;
        }
        if (key === "?") {
          sheet.value = { kind: "keys" };
          return true;
        }
        if (now?.me.isHost && now.requests.length && (key === "y" || key === "n")) {
          void answerFirst(key === "y");
          return true;
        }
        return false;
      }),
    [],
  );
  useEffect(() => watchTheClock(), []);
  useWakeLock(v.me.seat !== null);
  useEffect(() => () => closeSheet(), []);
  const turn = myTurn(v);
  useEffect(() => {
    document.title = turn
      ? `Your turn · ${v.name}`
      : v.me.isHost && v.requests.length
        ? `(${v.requests.length}) ${v.name}`
        : `${v.name} · Holdfast`;
  }, [turn, v.name, v.requests.length, v.me.isHost]);
  const frozen = !connected.value;
  // The panel goes with the role, whoever it was that took it away.
  const panel = host && v.me.isHost;
  useEffect(() => {
    if (!v.me.isHost) setHost(false);
  }, [v.me.isHost]);
  const toLog = (e: Event) => {
    e.preventDefault();
    setLog(true);
    requestAnimationFrame(() => document.getElementById("log")?.focus({ preventScroll: true }));
  };
  return (
    <div class={`app ${panel ? "with-host" : ""}`}>
      <nav class="skips" aria-label="Skip to">
        <a href={`/r/${v.code}?view=text`}>Text view</a>
        <a href="#actions">Actions</a>
        <a href="#table">Table</a>
        {/* biome-ignore lint/a11y/useValidAnchor: it does lead there, once the log has been opened */}
        <a href="#log" onClick={toLog}>
          Log
        </a>
      </nav>
      <TopBar v={v} hostOpen={panel} onHost={() => setHost(!host)} />
      <main class="tablearea" id="main">
        <Table
          v={v}
          frozen={frozen}
          onSit={(seat) => (sheet.value = { kind: "sit", seat })}
          onMenu={() => (sheet.value = { kind: "seat" })}
        >
          <Felt v={v} />
        </Table>
        <Banner />
        <Requests v={v} hidden={panel} />
        {v.gameStatus === "paused" && <p class="ribbon">Paused by {nameOf(v, v.hostId)}</p>}
        {v.ending && <p class="ribbon">Last hand: the host ends the game after it</p>}
        <button type="button" class="icon logbtn" aria-expanded={log} onClick={() => setLog(!log)}>
          Log
        </button>
      </main>
      <Bar v={v} />
      <aside class={`side ${log ? "open" : ""}`} aria-label="Log">
        <header>
          <h2>{v.hand ? `Hand #${v.hand.number}` : "Log"}</h2>
          <a class="quietlink" href={`/r/${v.code}/history`}>
            All hands
          </a>
          <span class="closer">
            <IconButton icon="x" label="Close the log" onClick={() => setLog(false)} />
          </span>
        </header>
        <Log v={v} live />
      </aside>
      {panel && (
        <aside class="hostpanel" aria-label="Host">
          <HostPanel v={v} onClose={() => setHost(false)} />
        </aside>
      )}
      <Sheets v={v} />
    </div>
  );
}

/** What lies in the middle of the felt while there is no hand. */
function Felt({ v }: { v: View }) {
  if (v.hand && v.gameStatus !== "completed")
    return v.hand.phase === "complete" && v.nextHandAt ? <NextHand at={v.nextHandAt} /> : null;
  const seated = v.seats.filter((s) => s.userId).length;
  if (v.gameStatus === "completed")
    return (
      <div class="felt">
        <p>
          <b>The game is over.</b>
        </p>
        <p>Thank you for playing.</p>
      </div>
    );
  return (
    <div class="felt">
      <p>
        <b>
          {seated < 2
            ? "Waiting for players"
            : v.me.isHost
              ? "Ready when you are"
              : `Waiting for ${nameOf(v, v.hostId)} to start`}
        </b>
      </p>
      {seated < v.seats.length && (
        <>
          <p>
            Code <strong>{showCode(v.code)}</strong>
          </p>
          <div class="rowd">
            <CopyButton text={inviteUrl(v)} label="Copy the invitation" />
            <button type="button" class="btn wide" onClick={() => (sheet.value = { kind: "invite" })}>
              QR code
            </button>
          </div>
        </>
      )}
    </div>
  );
}
function NextHand({ at }: { at: number }) {
  const left = Math.max(0, at - serverNow());
  return (
    <div class="nexthand" role="img" aria-label="The next hand comes soon">
      <i style={{ animationDuration: `${left}ms` }} key={at} />
    </div>
  );
}

/** Ticks at ten and five seconds, and looks after turns whose end has passed without news. */
function watchTheClock(): () => void {
  let said = "";
  const id = setInterval(() => {
    const v = view.peek();
    const question = v && myQuestion(v);
    if (question && secondsLeft(question) === 5 && said !== `question ${question.turn}`) {
      said = `question ${question.turn}`;
      play("tick");
      buzz(40);
      alertNow("5 seconds to answer");
    }
    const asked = v?.hand?.question?.expiresAt ?? null;
    if (asked !== null && serverNow() > asked + 3000 && connected.peek()) void refresh();
    if (!v?.timer || v.gameStatus === "paused") return;
    const left = timeLeft(v.timer);
    if (!left) return;
    const mark = left.secs <= 5 ? 5 : left.secs <= 10 ? 10 : 0;
    const key = `${v.timer.turn}.${left.bank}.${mark}`;
    if (myTurn(v) && mark && key !== said && left.secs > 0) {
      said = key;
      play("tick");
      buzz(40);
      alertNow(`${left.secs} seconds${left.bank ? " of your time bank" : ""}`);
    }
    const end = v.timer.expiresAt ?? v.timer.deadlineAt;
    if (end !== null && serverNow() > end + 3000 && connected.peek()) void refresh();
  }, 500);
  return () => clearInterval(id);
}

function useWakeLock(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    let lock: WakeLockSentinel | null = null;
    const take = () => {
      if (document.visibilityState === "visible")
        navigator.wakeLock?.request("screen").then(
          (l) => (lock = l),
          () => {},
        );
    };
    take();
    document.addEventListener("visibilitychange", take);
    return () => {
      document.removeEventListener("visibilitychange", take);
      void lock?.release().catch(() => {});
    };
  }, [on]);
}
