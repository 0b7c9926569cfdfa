// Events as motion, sound and words. State is already true when these run; they only follow, and never hold it back.
import { effect } from "@preact/signals";
import type { RoomEvent } from "../api/events";
import { fmt } from "../i18n/format";
import { lineOf } from "../i18n/log";
import { connection, connected, onEvent, view } from "../store/room";
import { calm, prefs } from "../store/settings";
import { myQuestion, mySeat, myTurn, type View } from "../store/view";
import { questionWords } from "../table/question";
import { toast } from "../ui/toast";
import { alertNow, announce } from "./announce";
import { play } from "./sound";

const EASE = "cubic-bezier(.16,1,.3,1)";

/** Browsers complain about a page that vibrates before it has been touched. */
export function buzz(ms: number): void {
  if (prefs.peek().vibrate && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(ms);
}

export function startEffects(): void {
  onEvent((_, after, e, live) => {
    if (!live) return;
    speak(after, e);
    sound(after, e);
    if (document.visibilityState === "visible" && !calm()) motion(e);
  });
  watchQuestion();
  let last = "";
  effect(() => {
    const v = view.value;
    const up = connected.value;
    const turn = v && myTurn(v) ? `${v.hand?.id}.${v.timer?.turn}` : "";
    if (turn === last) return;
    // While the first connection catches up, nobody tells the turn: it waits until then.
    if (!up && turn && connection.peek()?.lostAt.peek() == null) return;
    last = turn;
    // While a lost connection comes back, the banner tells when it is there.
    if (v && turn && up) yourTurn(v);
  });
}
/** The question how often to run it, told once. */
function watchQuestion(): void {
  let told = 0;
  effect(() => {
    const v = view.value;
    const q = v && connected.value ? myQuestion(v) : null;
    if (!q || q.turn === told) return;
    told = q.turn;
    alertNow(questionWords(q));
    buzz(60);
    play("turn");
  });
}
/** My turn, whether an event or a snapshot brought it. */
function yourTurn(v: View): void {
  alertNow(turnWords(v));
  buzz(60);
  setTimeout(() => play("turn"), 160);
}

function sound(after: View, e: RoomEvent): void {
  switch (e.type) {
    case "hand_started":
      return play("deal");
    case "street_advanced":
    case "run_dealt":
    case "cards_shown":
    case "rabbit_shown":
      return play("flip");
    case "bounty_paid":
      return play("chips");
    case "hand_complete":
      return play(e.winners.some((w) => w.seatIndex === after.me.seat) ? "win" : "chips");
    case "player_join_requested":
      if (after.me.isHost) play("request");
      return;
    case "host_changed":
      if (e.userId === after.me.userId) play("request");
      return;
    case "player_action":
      if (e.action === "FOLD") play("fold");
      else if (e.action === "CHECK") play("check");
      else if (e.chips === 0) play("allin");
      else play("chips");
  }
}

/** News about others that everybody is told beside the log, and news about oneself. */
const OF_OTHERS = new Set(["sat", "left", "kicked", "host", "chips", "given"]);
const OF_ME = new Set(["host", "given"]);

function speak(after: View, e: RoomEvent): void {
  const short = prefs.peek().speech === "short";
  const fresh = after.log.filter((l) => l.seq === e.seq);
  for (const l of fresh) {
    if (l.kind === "hand" || (short && (l.kind === "post" || l.kind === "person"))) continue;
    const { who, text } = lineOf(l);
    announce(who ? `${who} ${text}` : text);
    if (l.kind === "game" && l.did === "settings") toast(text, "passing");
    if (l.kind !== "person") continue;
    if (!l.me && OF_OTHERS.has(l.did)) toast(`${who} ${text}`, "passing");
    if (l.me && OF_ME.has(l.did))
      toast(l.did === "host" ? "You are the host now: requests, the clock and the rules are yours." : `${who} ${text}`, "mine");
  }
}
export function turnWords(v: View): string {
  const l = v.me.legal;
  if (!l) return "Your turn.";
  const can = [
    l.actions.includes("CHECK") ? "check" : null,
    l.actions.includes("CALL") ? `call ${fmt(l.call)}` : null,
    l.actions.includes("BET") ? `bet ${fmt(l.minTo)} to ${fmt(l.maxTo)}` : null,
    l.actions.includes("RAISE") ? `raise to ${fmt(l.minTo)} up to ${fmt(l.maxTo)}` : null,
    "fold",
  ].filter(Boolean);
  return `Your turn. You can ${can.slice(0, -1).join(", ")} or ${can.at(-1)}. Pot ${fmt(v.hand?.pot ?? 0)}. You have ${fmt(mySeat(v)?.chips ?? 0)}.`;
}

// --- chips that travel -------------------------------------------------------------------------
const box = (selector: string): DOMRect | null => document.querySelector(selector)?.getBoundingClientRect() ?? null;

function fly(from: DOMRect, to: DOMRect, ms: number, delay = 0): void {
  const chip = document.createElement("span");
  chip.className = "chip flying";
  chip.setAttribute("aria-hidden", "true");
  document.body.append(chip);
  const at = (r: DOMRect) => `translate(${r.left + r.width / 2 - 10}px, ${r.top + r.height / 2 - 10}px)`;
  const run = chip.animate(
    [{ transform: at(from) }, { transform: at(to), opacity: 1, offset: 0.85 }, { transform: at(to), opacity: 0 }],
    { duration: ms, delay, easing: EASE, fill: "both" },
  );
  run.onfinish = run.oncancel = () => chip.remove();
}
function motion(e: RoomEvent): void {
  if (document.querySelectorAll(".flying").length > 24) return; // too much at once: the picture is right anyway
  if (e.type === "player_action" && e.amount > 0) {
    const pod = box(`[data-seat="${e.seatIndex}"] .pod`);
    requestAnimationFrame(() => {
      const bet = box(`[data-bet="${e.seatIndex}"]`);
      if (pod && bet) fly(pod, bet, 220);
    });
  } else if (e.type === "street_advanced") {
    const bets = [...document.querySelectorAll("[data-bet]")].map((n) => n.getBoundingClientRect());
    requestAnimationFrame(() => {
      const pot = box(".pots");
      if (pot) for (const b of bets) fly(b, pot, 260);
    });
  } else if (e.type === "pot_distributed") {
    const pot = box(".pots");
    e.winners.forEach((w, i) => {
      const pod = box(`[data-seat="${w.seatIndex}"] .pod`);
      if (pot && pod) for (let n = 0; n < 3; n++) fly(pot, pod, 420, e.potIndex * 300 + i * 80 + n * 45);
    });
  }
}
