// What only the host sees: who asks to join, who sits where, the game, its rules, the room. Never modal: the host plays on.
import "../kernel";
import { useEffect, useRef, useState } from "preact/hooks";
import { fmt, plural, showCode, span } from "../i18n/format";
import { serverNow } from "../net/clock";
import { answer } from "../room/Requests";
import { inviteUrl } from "../room/sheet";
import { command } from "../store/act";
import { refresh } from "../store/room";
import { handRuns, type View } from "../store/view";
import { Switch } from "../ui/forms";
import { Icon } from "../ui/icons";
import { CopyButton, Do, IconButton } from "../ui/parts";
import { StartButton } from "../room/Bar";
import { People } from "./People";
import { Rules } from "./Rules";

const again = (): void => void refresh();

export function HostPanel({ v, onClose }: { v: View; onClose: () => void }) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  return (
    <div class="hp">
      <header>
        <h2 ref={head} tabIndex={-1}>
          Host
        </h2>
        <IconButton icon="x" label="Close the host panel" onClick={onClose} />
      </header>
      <div class="hp-in">
        <JoinRequests v={v} />
        <Game v={v} />
        <People v={v} />
        {v.gameStatus !== "completed" && <Rules v={v} />}
        <Room v={v} />
      </div>
    </div>
  );
}

function JoinRequests({ v }: { v: View }) {
  return (
    <section aria-labelledby="hp-req">
      <h3 id="hp-req">Requests {v.requests.length ? <span class="count">{v.requests.length}</span> : null}</h3>
      {v.requests.length === 0 && (
        <p class="hint">
          Nobody is waiting. Send the code <b>{showCode(v.code)}</b> to your friends.
        </p>
      )}
      <ul class="people">
        {v.requests.map((r) => (
          <li key={r.userId}>
            <div class="line">
              <b>{r.name}</b>
              <span class="hint">{span((serverNow() - r.at) / 1000)} ago</span>
            </div>
            <div class="rowd">
              <Do class="btn primary small" run={() => answer(r.userId, true)}>
                Let in<span class="vh"> {r.name}</span>
              </Do>
              <Do class="btn small" run={() => answer(r.userId, false)}>
                Refuse<span class="vh"> {r.name}</span>
              </Do>
              <Do class="btn small danger" run={() => command("/kick", { userId: r.userId, ban: true })} after={again}>
                Block<span class="vh"> {r.name}</span>
              </Do>
            </div>
          </li>
        ))}
      </ul>
      {v.requests.length > 1 && (
        <Do class="btn small" run={() => everybody(v)}>
          Let all {fmt(v.requests.length)} in
        </Do>
      )}
    </section>
  );
}
async function everybody(v: View): Promise<string | null> {
  let problem: string | null = null;
  for (const r of v.requests) problem = (await answer(r.userId, true)) ?? problem;
  return problem;
}

function Game({ v }: { v: View }) {
  const [sure, setSure] = useState(false);
  const on = v.gameStatus === "active" || v.gameStatus === "paused";
  return (
    <section aria-labelledby="hp-game">
      <h3 id="hp-game">Game</h3>
      <div class="rowd">
        {v.gameStatus === "waiting" && <StartButton v={v} />}
        {v.gameStatus === "completed" && <p class="hint">The game is over; everyone was cashed out.</p>}
        {v.gameStatus === "active" && (
          <Do run={() => command("/pause")} after={again}>
            <Icon name="pause" />
            Pause
          </Do>
        )}
        {v.gameStatus === "paused" && (
          <Do class="btn primary" run={() => command("/resume")} after={again}>
            <Icon name="play" />
            Go on
          </Do>
        )}
        {on && !v.ending && !sure && (
          <button type="button" class="btn danger" onClick={() => setSure(true)}>
            End the game…
          </button>
        )}
      </div>
      {on && v.settings.bombPotMode === "manual" && <BombPot v={v} />}
      {v.ending && <p class="hint">The game ends after this hand.</p>}
      {on && sure && !v.ending && (
        <div class="confirm" role="group" aria-label="End the game">
          <p>
            {handRuns(v) ? "This hand is played to its end; then" : "Now"} everyone is cashed out and the game is over. It can't
            be started again.
          </p>
          <div class="rowd">
            <Do
              class="btn danger"
              run={() => command("/end")}
              after={() => {
                setSure(false);
                again();
              }}
            >
              End the game
            </Do>
            <button type="button" class="btn" onClick={() => setSure(false)}>
              Back
            </button>
          </div>
        </div>
      )}
      {v.gameStatus === "active" && <p class="hint">A pause stops the clock at once and deals no new hand.</p>}
    </section>
  );
}

function BombPot({ v }: { v: View }) {
  const [problem, setProblem] = useState<string | null>(null);
  const next = v.nextBombPot === 1;
  const set = (on: boolean) =>
    void command("/bomb-pot", undefined, on ? "POST" : "DELETE").then((wrong) => {
      setProblem(wrong);
      again();
    });
  return (
    <>
      <Switch
        label="The next hand is a bomb pot"
        hint={`Everybody posts ${fmt(v.settings.bombPotAnte * v.settings.bigBlind)}, and the flop comes at once`}
        on={next}
        set={set}
      />
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

function Room({ v }: { v: View }) {
  const others = v.members.filter((m) => m.userId !== v.me.userId);
  const [to, setTo] = useState("");
  const chosen = others.find((m) => m.userId === to);
  return (
    <section aria-labelledby="hp-room">
      <h3 id="hp-room">Room</h3>
      <div class="rowd">
        <CopyButton text={inviteUrl(v)} label={`Copy the invitation (${showCode(v.code)})`} />
      </div>
      <p class="hint">
        {plural(v.members.length, "member", "members")} of {fmt(v.settings.maxMembers)}
        {v.hasPassword ? ", with a password" : ""}.
      </p>
      {others.length > 0 && (
        <>
          <label class="field">
            <span class="lab">Hand the room over to</span>
            <select value={to} onChange={(e) => setTo(e.currentTarget.value)}>
              <option value="">Choose a member</option>
              {others.map((m) => (
                <option key={m.userId} value={m.userId}>
                  {m.name}
                </option>
              ))}
            </select>
          </label>
          {chosen && (
            <div class="confirm">
              <p>
                <b>{chosen.name}</b> decides from then on who comes in, and you are a member like the others.
              </p>
              <Do class="btn danger" run={() => command("/host", { userId: to })} after={again}>
                Make {chosen.name} the host
              </Do>
            </div>
          )}
        </>
      )}
    </section>
  );
}
