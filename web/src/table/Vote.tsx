// How often to run the missing cards: asked of those still in. What others answer is hidden until it is settled.
import { fmt } from "../i18n/format";
import { TIMES } from "../i18n/log";
import { answerRuns, refusal, vote } from "../store/act";
import { connected } from "../store/room";
import { myQuestion, type QuestionView, type View } from "../store/view";
import { useTick } from "../ui/parts";
import { secondsLeft } from "./question";

export function Vote({ v, q }: { v: View; q: QuestionView }) {
  useTick(250);
  const left = secondsLeft(q);
  const mine = myQuestion(v) !== null;
  const sent = vote.value?.turn === q.turn ? vote.value.runs : null;
  const off = sent !== null || !connected.value || v.gameStatus === "paused";
  return (
    <section class="act vote" id="actions" tabIndex={-1} aria-label={mine ? "Your answer" : "The question"}>
      {refusal.value && (
        <p class="problem note" role="alert">
          {refusal.value}
        </p>
      )}
      <p class="ask">
        <b>{mine ? "Run it how often?" : "Asked: how often to run it"}</b>{" "}
        <small>
          {fmt(q.answered.length)} of {fmt(q.seats.length)} answered
          {mine && <span class="vh">; the fewest counts</span>}
        </small>
      </p>
      <div class="choices">
        {mine &&
          Array.from({ length: q.maxRuns }, (_, i) => i + 1).map((runs) => (
            <button
              type="button"
              key={runs}
              class={`b ${runs === 1 ? "fold" : "call"}`}
              disabled={off}
              aria-pressed={sent === runs}
              aria-keyshortcuts={String(runs)}
              onClick={() => void answerRuns(runs)}
            >
              {sent === runs ? "Sending…" : TIMES[runs]!.replace(/^./, (c) => c.toUpperCase())}
              <kbd aria-hidden="true">{runs}</kbd>
            </button>
          ))}
      </div>
      {left !== null && (
        <p class="left" role="timer" aria-live="off">
          <span class="vh">Time left: </span>
          {left} s
        </p>
      )}
    </section>
  );
}
