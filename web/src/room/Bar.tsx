// What lies under the table when it isn't my turn: pre-actions, a way back in, a way to a seat, or why there is none.
import { fmt } from "../i18n/format";
import { owedWords } from "../i18n/log";
import { command, prefer } from "../store/act";
import { canPlan, owed, plan, toggle, type Plan } from "../store/preaction";
import { refresh } from "../store/room";
import { handRuns, hiddenCards, mayHuntRabbit, mySeat, myTurn, type SeatView, type View } from "../store/view";
import { ActionBar } from "../table/ActionBar";
import { money } from "../table/money";
import { Vote } from "../table/Vote";
import { Icon } from "../ui/icons";
import { lazy } from "../ui/lazy";
import { Do } from "../ui/parts";
import { sheet } from "./sheet";

const AfterHand = lazy(
  () => import("./AfterHand"),
  (m) => m.AfterHand,
);

export function Bar({ v }: { v: View }) {
  const seat = mySeat(v);
  if (seat && myTurn(v) && v.me.legal) return <ActionBar v={v} l={v.me.legal} />;
  if (v.hand?.question) return <Vote v={v} q={v.hand.question} />;
  if (!seat) return <Rail v={v} />;
  if (canPlan(v)) return <Plans v={v} />;
  const say = (text: string, more?: preact.ComponentChildren) => (
    <section class="act idle" id="actions" tabIndex={-1} aria-label="Your action">
      <p>{text}</p>
      {more}
    </section>
  );
  if (seat.status === "leaving") return say("You leave this table when the hand ends.");
  if (v.gameStatus === "completed") return say("The game is over.");
  if (seat.chips === 0 && !(seat.inHand && handRuns(v))) {
    return say(
      "You are out of chips.",
      <>
        <button type="button" class="btn primary" onClick={() => (sheet.value = { kind: "top_up" })}>
          Top up
        </button>
        <Do run={() => command("/seat", undefined, "DELETE")} after={() => void refresh()}>
          Stand up and watch
        </Do>
      </>,
    );
  }
  if (seat.status === "sitting_out")
    return say(
      "You are sitting out.",
      <Do class="btn primary" run={() => command("/sit-in")} after={() => void refresh()}>
        I'm back
      </Do>,
    );
  if (v.gameStatus === "paused") return say("The game is paused. The clock stands still.");
  if (v.gameStatus === "waiting")
    return say(v.me.isHost ? "" : "Waiting for the host to start the game.", v.me.isHost ? <StartButton v={v} /> : null);
  if (v.hand && handRuns(v)) {
    if (!seat.inHand) return <Waiting v={v} seat={seat} />;
    if (seat.folded) return say("You have folded. The next hand comes by itself.");
    if (seat.allIn) return say("You are all-in. Nothing more to do in this hand.");
    return say(v.timer ? `${v.seats[v.timer.seat]?.name ?? "Somebody"} is to act.` : "Dealing…");
  }
  if (seat.waitsFor && !seat.inHand) return <Waiting v={v} seat={seat} />;
  return say(
    v.nextHandAt ? "The next hand comes in a moment." : "Waiting for the next hand.",
    hiddenCards(v).length > 0 || mayHuntRabbit(v) ? <AfterHand v={v} /> : null,
  );
}

/** Why I am not dealt in, and what I can do about it. */
function Waiting({ v, seat }: { v: View; seat: SeatView }) {
  const debt = owedWords(seat.owes);
  const why =
    seat.waitsFor === "big_blind"
      ? "You wait for the big blind."
      : seat.waitsFor === "button_to_pass"
        ? "You are dealt in when the button has passed you."
        : "You are dealt in with the next hand.";
  const waiting = v.me.preferences.entry === "wait";
  return (
    <section class="act idle" id="actions" tabIndex={-1} aria-label="Your action">
      <p>
        {why}
        {debt ? ` You owe ${debt}.` : ""}
      </p>
      {seat.owes.length > 0 && (
        <Do run={() => prefer({ entry: waiting ? "post" : "wait" })}>{waiting ? "Post and play" : "Wait for the big blind"}</Do>
      )}
    </section>
  );
}

export function StartButton({ v }: { v: View }) {
  const ready = v.seats.filter((s) => s.userId && s.chips > 0 && s.status === "active").length;
  return (
    <>
      <Do class="btn primary big" disabled={ready < 2} run={() => command("/start")} after={() => void refresh()}>
        <Icon name="play" />
        Start the game
      </Do>
      {ready < 2 && <span class="hint">Two players with chips are needed; {ready === 1 ? "one is" : "none are"} seated.</span>}
    </>
  );
}

function Plans({ v }: { v: View }) {
  const price = owed(v);
  const m = money(v);
  const p = plan.value;
  const choice = (next: Plan, label: string) => (
    <button type="button" class="b plan" aria-pressed={p?.kind === next.kind} onClick={() => toggle(next)}>
      <Icon name={p?.kind === next.kind ? "check" : "clock"} />
      {label}
    </button>
  );
  return (
    <section class="act plans" id="actions" tabIndex={-1} aria-label="Before your turn">
      <div class="btns">
        {price === 0 ? choice({ kind: "check_fold" }, "Check / fold") : choice({ kind: "fold" }, "Fold")}
        {price === 0 ? choice({ kind: "check" }, "Check") : choice({ kind: "call", amount: price }, `Call ${m(price)}`)}
      </div>
    </section>
  );
}

function Rail({ v }: { v: View }) {
  const free = v.seats.find((s) => !s.userId);
  const over = v.gameStatus === "completed" || v.roomStatus === "closed";
  return (
    <section class="act idle" id="actions" tabIndex={-1} aria-label="Your place">
      <p>
        <Icon name="eye" />
        {v.me.role === "spectator" ? "You are watching" : v.me.isHost ? "You host this room" : "You are in"}
        {v.spectatorCount > 1 ? ` · ${fmt(v.spectatorCount)} watching in all` : ""}
      </p>
      {over ? (
        <span class="hint">The game is over.</span>
      ) : free ? (
        <button type="button" class="btn primary" onClick={() => (sheet.value = { kind: "sit", seat: free.index })}>
          Take a seat
        </button>
      ) : (
        <span class="hint">All seats are taken. You see a seat here when one is free.</span>
      )}
      {!over && v.me.role === "approved" && v.settings.spectatorsAllowed && (
        <Do run={() => command("/spectate")} after={() => void refresh()}>
          Watch
        </Do>
      )}
      {v.me.isHost && v.gameStatus === "waiting" && <StartButton v={v} />}
    </section>
  );
}
