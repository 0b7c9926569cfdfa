// Sheets over the table: sit down, my seat, top up, the menu, keys.
import "../kernel";
import { useMemo, useState } from "preact/hooks";
import { fmt, showCode } from "../i18n/format";
import { stateOfPlay } from "../i18n/play";
import { command, prefer } from "../store/act";
import { goneFor, refresh } from "../store/room";
import { go } from "../store/router";
import { prefs, toggleMute } from "../store/settings";
import { handRuns, mySeat, type View } from "../store/view";
import { Choice, Switch } from "../ui/forms";
import { Icon } from "../ui/icons";
import { CopyButton, Dialog, Do, Link } from "../ui/parts";
import { lazy } from "../ui/lazy";
import { qr } from "./qr";
import { closeSheet, inviteUrl, sheet } from "./sheet";

const Preferences = lazy(
  () => import("../settings/main"),
  (m) => m.PreferencesSheet,
);

export function Sheets({ v }: { v: View }) {
  switch (sheet.value?.kind) {
    case "sit":
      return <Sit v={v} seat={sheet.value.seat} />;
    case "seat":
      return <MySeat v={v} />;
    case "top_up":
      return <TopUp v={v} />;
    case "menu":
      return <Menu v={v} />;
    case "keys":
      return <Keys />;
    case "invite":
      return <Invite v={v} />;
    case "settings":
      return (
        <Dialog title="Device settings" onClose={closeSheet}>
          <Preferences />
        </Dialog>
      );
    default:
      return null;
  }
}

function Amount({
  label,
  min,
  max,
  value,
  set,
  step,
}: {
  label: string;
  min: number;
  max: number;
  value: number;
  set: (n: number) => void;
  step: number;
}) {
  const p = max > min ? ((value - min) / (max - min)) * 100 : 100;
  return (
    <div class="amount">
      <input
        type="range"
        aria-label={label}
        min={min}
        max={max}
        step={step}
        value={value}
        style={{ "--p": `${p}%` }}
        onInput={(e) => set(Number(e.currentTarget.value))}
      />
      <input
        type="number"
        inputMode="numeric"
        aria-label={`${label}, number`}
        min={min}
        max={max}
        value={value}
        onInput={(e) => set(Number(e.currentTarget.value))}
      />
    </div>
  );
}

function Sit({ v, seat }: { v: View; seat: number }) {
  const s = v.settings;
  const waiting = v.me.waitingChips;
  const [chips, set] = useState(waiting > 0 ? waiting : Math.min(s.maxBuyIn, Math.max(s.minBuyIn, 100 * s.bigBlind)));
  const taken = v.seats[seat]?.userId !== null;
  return (
    <Dialog title={`Take seat ${seat + 1}`} onClose={closeSheet}>
      {waiting > 0 ? (
        <p>Your {fmt(waiting)} chips from before are kept for you; you sit down with them.</p>
      ) : (
        <>
          <p class="lead">
            <b>{fmt(chips)}</b> chips <span class="hint">= {fmt(Math.round(chips / s.bigBlind))} big blinds</span>
          </p>
          <Amount label="Buy-in" min={s.minBuyIn} max={s.maxBuyIn} step={Math.max(1, s.bigBlind)} value={chips} set={set} />
          <p class="hint">
            Between {fmt(s.minBuyIn)} and {fmt(s.maxBuyIn)}. {handRuns(v) ? "You are dealt in with the next hand." : ""}
          </p>
        </>
      )}
      {taken && (
        <p class="problem" role="alert">
          Somebody has just taken this seat. Close this and choose another one.
        </p>
      )}
      <Do
        class="btn primary big"
        disabled={taken}
        run={() => command("/seat", { seatIndex: seat, ...(waiting > 0 ? {} : { buyIn: chips }) })}
        after={() => {
          closeSheet();
          void refresh();
        }}
      >
        Sit down
      </Do>
    </Dialog>
  );
}

function MySeat({ v }: { v: View }) {
  const seat = mySeat(v);
  if (!seat) return null;
  const out = seat.status === "sitting_out";
  const inHand = seat.inHand && handRuns(v) && !seat.folded;
  const done = () => {
    closeSheet();
    void refresh();
  };
  return (
    <Dialog title={`Your seat, number ${seat.index + 1}`} onClose={closeSheet}>
      <p class="lead">
        <b>{fmt(seat.chips)}</b> chips
      </p>
      <div class="stackd">
        {out ? (
          <Do run={() => command("/sit-in")} after={done}>
            I'm back
          </Do>
        ) : (
          <Do run={() => command("/sit-out")} after={done}>
            Sit out from the next hand
          </Do>
        )}
        <button
          type="button"
          class="btn"
          disabled={seat.chips >= v.settings.maxBuyIn}
          onClick={() => (sheet.value = { kind: "top_up" })}
        >
          Top up
        </button>
        <Do run={() => command("/seat", undefined, "DELETE")} after={done}>
          Stand up and watch
        </Do>
        <p class="hint">
          {inHand
            ? "Standing up folds this hand; your chips leave the table when it ends and wait for you."
            : "Your chips leave the table with you and wait for you."}
        </p>
      </div>
      <Standing v={v} />
    </Dialog>
  );
}

/** Standing choices, kept by the server for this room. Those that change nothing here aren't shown. */
function Standing({ v }: { v: View }) {
  const [problem, setProblem] = useState<string | null>(null);
  const p = v.me.preferences;
  const s = v.settings;
  const set = (change: Partial<View["me"]["preferences"]>) => void prefer(change).then(setProblem);
  return (
    <div class="settings stackd">
      <h3>At this table</h3>
      {s.buttonRule === "dead" && (
        <>
          <Choice
            label="When you are new or have missed blinds"
            value={p.entry}
            set={(entry) => set({ entry })}
            options={[
              ["post", "Post and play"],
              ["wait", "Wait for the big blind"],
            ]}
          />
          <Switch
            label="Sit out at your next big blind"
            on={p.sitOutNextBigBlind}
            set={(on) => set({ sitOutNextBigBlind: on })}
          />
        </>
      )}
      {s.straddle !== "off" && (
        <Switch label="Straddle when you can" on={p.autoStraddle} set={(on) => set({ autoStraddle: on })} />
      )}
      {s.runItTwice === "ask" && (
        <Choice
          label="All-in with cards to come"
          value={p.runPreference}
          set={(runPreference) => set({ runPreference })}
          options={[
            ["ask", "Ask me"],
            ["always", "Always run it more"],
            ["never", "Run it once"],
          ]}
        />
      )}
      <Switch
        label="Muck beaten hands"
        hint="Off: your hand is shown at every showdown"
        on={p.autoMuck}
        set={(on) => set({ autoMuck: on })}
      />
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function TopUp({ v }: { v: View }) {
  const seat = mySeat(v);
  const most = Math.max(0, v.settings.maxBuyIn - (seat?.chips ?? 0));
  // Who has nothing left buys in anew.
  const least = seat?.chips === 0 ? Math.min(most, v.settings.minBuyIn) : 1;
  const [chips, set] = useState(most);
  if (!seat) return null;
  return (
    <Dialog title="Top up" onClose={closeSheet}>
      {most > 0 ? (
        <>
          <p class="lead">
            +<b>{fmt(chips)}</b> chips <span class="hint">→ {fmt(seat.chips + chips)}</span>
          </p>
          <Amount label="Chips to add" min={least} max={most} step={1} value={chips} set={set} />
          <p class="hint">
            {seat.inHand && handRuns(v) ? "They arrive when this hand ends." : "They arrive at once."} Never above{" "}
            {fmt(v.settings.maxBuyIn)}.
          </p>
          <Do
            class="btn primary big"
            run={() => command("/top-up", { amount: chips })}
            after={() => {
              closeSheet();
              void refresh();
            }}
          >
            Add {fmt(chips)} chips
          </Do>
        </>
      ) : (
        <p>You already have the most this table allows.</p>
      )}
    </Dialog>
  );
}

function Menu({ v }: { v: View }) {
  const muted = prefs.value.volume === 0;
  const item = (to: string, icon: Parameters<typeof Icon>[0]["name"], label: string) => (
    <button
      type="button"
      class="btn row"
      onClick={() => {
        closeSheet();
        go(to);
      }}
    >
      <Icon name={icon} />
      {label}
    </button>
  );
  return (
    <Dialog title={v.name} kind="drawer" onClose={closeSheet}>
      <p class="hint">
        Code {showCode(v.code)} · blinds {fmt(v.settings.smallBlind)} / {fmt(v.settings.bigBlind)}
        {stateOfPlay(v) ? ` · ${stateOfPlay(v)}` : ""}
      </p>
      <div class="stackd">
        <button type="button" class="btn row" onClick={() => (sheet.value = { kind: "invite" })}>
          <Icon name="users" />
          Invite
        </button>
        {mySeat(v) && (
          <button type="button" class="btn row" onClick={() => (sheet.value = { kind: "seat" })}>
            <Icon name="coins" />
            My seat
          </button>
        )}
        {item(`/r/${v.code}/history`, "history", "Hands played here")}
        {item(`/r/${v.code}?view=text`, "text", "Text view")}
        <button type="button" class="btn row" onClick={() => (sheet.value = { kind: "settings" })}>
          <Icon name="settings" />
          Device settings
        </button>
        <button type="button" class="btn row" onClick={toggleMute} aria-pressed={muted}>
          <Icon name={muted ? "mute" : "sound"} />
          {muted ? "Sound is off" : "Sound is on"}
        </button>
        <button type="button" class="btn row" onClick={() => (sheet.value = { kind: "keys" })}>
          <Icon name="keyboard" />
          Keys
        </button>
        <Link to="/" class="btn row">
          <Icon name="back" />
          To the lobby (you stay in the room)
        </Link>
        <hr />
        <Leave v={v} />
      </div>
    </Dialog>
  );
}

/** Who has chips on the table says so twice. */
function Leave({ v }: { v: View }) {
  const [sure, setSure] = useState(false);
  const seat = mySeat(v);
  const live = seat?.inHand && handRuns(v) && !seat.folded;
  const asks = live || (seat !== null && seat.chips > 0);
  const what = live
    ? "Leaving folds this hand; your chips are cashed out when it ends."
    : asks
      ? `You give up your seat; your ${fmt(seat.chips)} chips are cashed out.`
      : v.me.isHost
        ? "The room stays; hand it over first if others should run it."
        : "You can ask to come back later.";
  const go = (label: string, cls: string) => (
    <Do
      class={cls}
      run={() => command("/leave")}
      after={() => {
        closeSheet();
        goneFor("left");
      }}
    >
      <Icon name="leave" />
      {label}
    </Do>
  );
  if (!asks)
    return (
      <>
        {go("Leave the room", "btn row danger")}
        <p class="hint">{what}</p>
      </>
    );
  if (!sure)
    return (
      <>
        <button type="button" class="btn row danger" onClick={() => setSure(true)}>
          <Icon name="leave" />
          Leave the room…
        </button>
        <p class="hint">{what}</p>
      </>
    );
  return (
    <div class="confirm" role="group" aria-label="Leave the room">
      <p>{what}</p>
      <div class="rowd">
        {go("Leave the room", "btn danger")}
        <button type="button" class="btn" onClick={() => setSure(false)}>
          Stay
        </button>
      </div>
    </div>
  );
}

function Invite({ v }: { v: View }) {
  const url = inviteUrl(v);
  const modules = useMemo(() => qr(url), [url]);
  const side = (modules?.length ?? 0) + 8; // with the light margin that readers need
  const path = modules?.map((row, r) => row.map((dark, c) => (dark ? `M${c + 4} ${r + 4}h1v1h-1z` : "")).join("")).join("");
  const share = () => navigator.share({ title: v.name, url }).catch(() => {}); // closed without sharing
  return (
    <Dialog title="Invite" onClose={closeSheet}>
      {path && (
        <svg class="qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label="QR code of the link" shape-rendering="crispEdges">
          <path d={path} />
        </svg>
      )}
      <p class="invite-link">
        <b>{url}</b>
      </p>
      <p class="hint">Or the code alone: {showCode(v.code)}. Whoever has it can ask to come in.</p>
      <div class="rowd">
        <CopyButton class="btn primary" text={url} label="Copy the link" />
        {"share" in navigator && (
          <button type="button" class="btn" onClick={() => void share()}>
            Share …
          </button>
        )}
      </div>
    </Dialog>
  );
}

const KEYS: [string, string][] = [
  ["F", "Fold"],
  ["C", "Check or call"],
  ["R", "Bet or raise: to the amount; Enter sends"],
  ["1 – 5", "Amount presets"],
  ["↑ ↓", "One big blind more or less (Shift: five)"],
  ["A", "Amount: all-in"],
  ["Esc", "Back"],
  ["H", "Say my cards"],
  ["B", "Say the board"],
  ["P", "Say the pots"],
  ["S", "Say all stacks"],
  ["T", "Say whose turn and how long"],
  ["L", "Say the last action"],
  ["G", "To the log"],
  ["M", "Sound on or off"],
  ["1 2 3", "Asked how often to run it: that often"],
  ["Y / N", "Host: let in or refuse the first request"],
  ["Alt Shift A", "Host: let in, from anywhere"],
  ["?", "These keys"],
];
const Keys = () => (
  <Dialog title="Keys" onClose={closeSheet}>
    <table class="keys">
      <tbody>
        {KEYS.map(([k, t]) => (
          <tr key={k}>
            <th scope="row">
              <kbd>{k}</kbd>
            </th>
            <td>{t}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Dialog>
);
