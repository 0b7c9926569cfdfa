// The bar of the player to act. It offers what the server listed, in fixed places, and nothing else.
import { computed, effect, signal } from "@preact/signals";
import { alertNow } from "../fx/announce";
import { fmt } from "../i18n/format";
import { act, flight, refusal } from "../store/act";
import { connected, view } from "../store/room";
import { prefs } from "../store/settings";
import { mySeat, myTurn, type Legal, type View } from "../store/view";
import { money } from "./money";
import { isPotMost, clamp, fromSlider, presets, toSlider, verb } from "./sizing";
import { tall } from "./screen";

export const to = signal(0);
export const sizing = signal(false);
/** The all-in (or the free fold) asks for a second press; the first 400 ms of it are deaf. */
export const armed = signal<{ what: "allin" | "fold" | "call"; at: number } | null>(null);
const DEAF_MS = 400;
const ARMED_MS = 4000;
let disarm: ReturnType<typeof setTimeout> | undefined;

const turnKey = computed(() => {
  const v = view.value;
  return v && myTurn(v) ? `${v.hand?.id}.${v.timer?.turn}.${v.me.legal?.sure}` : "";
});
let lastTurn = "";
effect(() => {
  const key = turnKey.value;
  const turn = key.replace(/\.\w+$/, "");
  const l = view.peek()?.me.legal;
  if (turn !== lastTurn) {
    lastTurn = turn;
    sizing.value = false;
    armed.value = null;
    refusal.value = null;
    if (l) to.value = l.minTo;
  } else if (key && l) {
    to.value = clamp(to.peek(), l);
  }
});

function arm(what: "allin" | "fold" | "call", say: string): void {
  armed.value = { what, at: Date.now() };
  clearTimeout(disarm);
  disarm = setTimeout(() => (armed.value = null), ARMED_MS);
  alertNow(say);
}
/** True when this press is the second one. A second press that comes too fast is a slip of the finger. */
function confirmed(what: "allin" | "fold" | "call"): boolean | "deaf" {
  const a = armed.peek();
  if (a?.what !== what) return false;
  return Date.now() - a.at < DEAF_MS ? "deaf" : true;
}
const ready = (): Legal | null => {
  const v = view.peek();
  return v && connected.peek() && !flight.peek() && myTurn(v) && v.gameStatus !== "paused" ? v.me.legal : null;
};

export function fold(): void {
  const l = ready();
  if (!l) return;
  if (sizing.peek() && tall.peek()) {
    sizing.value = false;
    armed.value = null;
    return;
  }
  if (l.actions.includes("CHECK") && confirmed("fold") !== true) {
    if (confirmed("fold") === false) arm("fold", "Check is free. Press fold again to fold anyway.");
    return;
  }
  armed.value = null;
  void act("FOLD");
}
export function checkOrCall(): void {
  const l = ready();
  const v = view.peek();
  if (!l || !v) return;
  if (l.actions.includes("CHECK")) {
    armed.value = null;
    return void act("CHECK");
  }
  if (!l.actions.includes("CALL")) return;
  const allIn = l.call === mySeat(v)?.chips;
  if (allIn && prefs.peek().confirmCall) {
    const c = confirmed("call");
    if (c === "deaf") return;
    if (!c) return arm("call", `Press again to call all-in for ${fmt(l.call)}`);
  }
  armed.value = null;
  void act("CALL");
}
export function raise(): void {
  const l = ready();
  if (!l?.sure) return;
  const kind = verb(l);
  const shove = !kind && l.actions.includes("ALL_IN");
  if (!kind && !shove) return;
  if (kind && tall.peek() && !sizing.peek()) {
    sizing.value = true;
    return;
  }
  if (shove || (to.peek() >= l.maxTo && !isPotMost(view.peek()!, l))) {
    const c = confirmed("allin");
    if (c === "deaf") return;
    const most = shove ? (mySeat(view.peek()!)?.chips ?? 0) + (mySeat(view.peek()!)?.bet ?? 0) : l.maxTo;
    if (!c) return arm("allin", `Press again to go all-in for ${fmt(most)}`);
    armed.value = null;
    return void (l.actions.includes("ALL_IN") ? act("ALL_IN") : act(kind!, l.maxTo));
  }
  armed.value = null;
  void act(kind!, to.peek());
}
export function setTo(n: number): void {
  const l = view.peek()?.me.legal;
  if (!l) return;
  to.value = clamp(n, l);
  if (armed.peek()?.what === "allin") armed.value = null;
}
export function setPreset(index: number): void {
  const v = view.peek();
  const l = ready();
  const p = v && l && presets(v, l)[index];
  if (p && verb(l)) {
    if (tall.peek()) sizing.value = true;
    setTo(p.to);
  }
}
export const bump = (blinds: number): void => setTo(to.peek() + blinds * (view.peek()?.hand?.bigBlind ?? 1));

export function ActionBar({ v, l }: { v: View; l: Legal }) {
  const m = money(v);
  const up = connected.value;
  const sent = flight.value;
  const paused = v.gameStatus === "paused";
  const off = !up || sent !== null || paused;
  const kind = verb(l);
  const shove = !kind && l.actions.includes("ALL_IN");
  const open = kind !== null && (!tall.value || sizing.value);
  const check = l.actions.includes("CHECK");
  const callAllIn = l.call > 0 && l.call === mySeat(v)?.chips;
  const a = armed.value;
  const most = shove || (to.value >= l.maxTo && !isPotMost(v, l));
  const raiseWord = kind === "BET" ? "Bet" : "Raise to";
  const sending = (...acts: string[]) => sent !== null && acts.includes(sent.action);
  const note =
    refusal.value ??
    (a?.what === "fold"
      ? "Check is free. Fold anyway?"
      : sent?.slow
        ? "No answer yet. Sending the same action again."
        : paused
          ? "The game is paused."
          : null);
  return (
    <section class="act" id="actions" tabIndex={-1} aria-label="Your action">
      {note && (
        <p class={refusal.value ? "problem note" : "note"} role={refusal.value ? "alert" : "status"}>
          {note}
        </p>
      )}
      {open && <Sizing v={v} l={l} off={off || !l.sure} name={raiseWord} />}
      <div class="btns">
        <button type="button" class="b fold" disabled={off} onClick={fold}>
          {sizing.value && tall.value ? "Back" : sending("FOLD") ? "Sending…" : a?.what === "fold" ? "Fold anyway" : "Fold"}
          <kbd aria-hidden="true">F</kbd>
        </button>
        <button type="button" class="b call" disabled={off} onClick={checkOrCall}>
          {sending("CHECK", "CALL") ? (
            "Sending…"
          ) : check ? (
            "Check"
          ) : a?.what === "call" ? (
            <>
              Confirm all-in<span>{m(l.call)}</span>
            </>
          ) : (
            <>
              Call
              <span>
                {m(l.call)}
                {callAllIn ? <small> all-in</small> : null}
              </span>
            </>
          )}
          <kbd aria-hidden="true">C</kbd>
        </button>
        {kind || shove ? (
          <button type="button" class={`b raise ${a?.what === "allin" ? "armed" : ""}`} disabled={off || !l.sure} onClick={raise}>
            {sending("BET", "RAISE", "ALL_IN") ? (
              "Sending…"
            ) : a?.what === "allin" ? (
              <>
                Confirm all-in<span>{m(shove ? mySeat(v)!.chips + mySeat(v)!.bet : l.maxTo)}</span>
              </>
            ) : most && (open || shove) ? (
              <>
                All-in<span>{m(shove ? mySeat(v)!.chips + mySeat(v)!.bet : l.maxTo)}</span>
              </>
            ) : open ? (
              <>
                {raiseWord}
                <span>{m(to.value)}</span>
              </>
            ) : (
              <>
                {kind === "BET" ? "Bet" : "Raise"}
                <span>…</span>
              </>
            )}
            <kbd aria-hidden="true">R</kbd>
          </button>
        ) : (
          <span />
        )}
      </div>
    </section>
  );
}

function Sizing({ v, l, off, name }: { v: View; l: Legal; off: boolean; name: string }) {
  const step = Math.max(1, v.hand?.smallBlind ?? 1);
  const position = toSlider(to.value, l);
  return (
    <div class="size" role="group" aria-label={`${name} size`}>
      <div class="presets">
        {presets(v, l).map((p, i, all) => {
          const again = all.findIndex((q) => q.to === p.to) !== i && p.name !== "All-in";
          return (
            <button
              type="button"
              key={p.name}
              disabled={off || again}
              aria-pressed={to.value === p.to && !again}
              aria-label={`${p.name}: ${p.label}, ${fmt(p.to)}`}
              onClick={() => setTo(p.to)}
            >
              {p.name}
            </button>
          );
        })}
      </div>
      <div class="slide">
        <button type="button" aria-label="One big blind less" disabled={off} onClick={() => bump(-1)}>
          −
        </button>
        <input
          type="range"
          aria-label={name}
          aria-valuetext={`${fmt(to.value)} chips`}
          min={0}
          max={1000}
          step={1}
          value={position}
          disabled={off}
          style={{ "--p": `${position / 10}%` }}
          onInput={(e) => setTo(fromSlider(Number(e.currentTarget.value), l, step))}
          onKeyDown={sliderKeys}
        />
        <button type="button" aria-label="One big blind more" disabled={off} onClick={() => bump(1)}>
          +
        </button>
        <input
          type="number"
          inputMode="numeric"
          id="amount"
          aria-label={`${name} amount`}
          min={l.minTo}
          max={l.maxTo}
          value={to.value}
          disabled={off}
          onInput={(e) => {
            const n = Number(e.currentTarget.value);
            if (Number.isInteger(n) && n >= l.minTo && n <= l.maxTo) setTo(n);
          }}
          onChange={(e) => setTo(Number(e.currentTarget.value))}
          onKeyDown={(e) => {
            if (e.key !== "Enter") return;
            setTo(Number(e.currentTarget.value));
            raise();
          }}
        />
      </div>
    </div>
  );
}
function sliderKeys(e: KeyboardEvent): void {
  const by = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[e.key];
  if (e.key === "Enter") raise();
  else if (by) bump(by * (e.shiftKey ? 5 : 1));
  else return;
  e.preventDefault();
}
