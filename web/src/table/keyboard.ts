// Keys of the table. They rest while a field has the focus, while a modifier is held, or when the player turns them off.
import { alertNow } from "../fx/announce";
import { turnWords } from "../fx/effects";
import { cardName, fmt } from "../i18n/format";
import { lineOf, WAITS } from "../i18n/log";
import { answerRuns } from "../store/act";
import { prefs, toggleMute } from "../store/settings";
import { boardName, handLabel, myQuestion, mySeat, myTurn, type View } from "../store/view";
import { view } from "../store/room";
import { armed, bump, checkOrCall, fold, raise, setPreset, setTo, sizing } from "./ActionBar";
import { boardWords } from "./Boards";
import { potName } from "./Pots";
import { tall } from "./screen";
import { timeLeft } from "./Timer";
import { questionWords } from "./question";

/** Answers to questions asked by key or typed in the text view. */
export const TELL: Record<string, (v: View) => string> = {
  hand: (v) =>
    v.me.cards
      ? `You hold ${v.me.cards.map(cardName).join(" and ")}${handLabel(v) ? `: ${handLabel(v)}` : ""}.`
      : "You have no cards.",
  board: (v) => {
    const h = v.hand;
    if (!h?.boards.some((cards, i) => cards.length || h.rabbit?.[i]?.length)) return "No cards on the board.";
    const words = h.boards.map((cards, i) => boardWords(cards, h.rabbit?.[i]?.slice(cards.length)));
    return h.boards.length === 1 ? `Board: ${words[0]}.` : words.map((text, i) => `${boardName(h, i)}: ${text}.`).join(" ");
  },
  pot: (v) => {
    if (!v.hand) return "No hand is being played.";
    const pots =
      v.hand.pots.length > 1 ? ` ${v.hand.pots.map((p, i) => `${potName(i, true)} ${fmt(p.amount)}`).join(", ")}.` : "";
    return `Pot ${fmt(v.hand.pot)}.${pots}`;
  },
  stacks: (v) =>
    v.seats
      .filter((s) => s.userId)
      .map(
        (s) =>
          `Seat ${s.index + 1} ${s.name} ${fmt(s.chips)}${s.folded ? ", folded" : ""}${s.bet ? `, bet ${fmt(s.bet)}` : ""}${s.waitsFor && !s.inHand ? `, ${WAITS[s.waitsFor]}` : ""}`,
      )
      .join(". ") || "Nobody is seated.",
  time: (v) => {
    if (v.hand?.question) return myQuestion(v) ? questionWords(v.hand.question) : "It is asked how often to run it.";
    if (!v.timer) return "Nobody is to act.";
    const left = timeLeft(v.timer);
    const who = v.timer.seat === v.me.seat ? turnWords(v) : `${v.seats[v.timer.seat]?.name ?? "Somebody"} is to act.`;
    return left ? `${who} ${left.secs} seconds left${left.bank ? " of the time bank" : ""}.` : who;
  },
  last: (v) => {
    const e = [...v.log].reverse().find((l) => l.kind === "act" || l.kind === "win" || l.kind === "show" || l.kind === "rabbit");
    const line = e && lineOf(e);
    return line ? `${line.who} ${line.text}` : "Nothing has happened yet.";
  },
};
const ASK: Record<string, keyof typeof TELL> = { h: "hand", b: "board", p: "pot", s: "stacks", t: "time", l: "last" };

export function tableKeys(more: (key: string) => boolean): () => void {
  const on = (e: KeyboardEvent) => {
    const p = prefs.peek();
    const v = view.peek();
    if (!v || e.repeat || e.ctrlKey || e.metaKey || e.defaultPrevented) return;
    const target = e.target as HTMLElement;
    if (target.matches("input,textarea,select,[contenteditable]") || target.closest("dialog[open]")) {
      if (e.key === "Escape" && target.id === "amount") target.blur();
      return;
    }
    if (e.key === "Escape") {
      armed.value = null;
      sizing.value = false;
      more("escape");
      return;
    }
    if (p.keys === "off" || (p.keys === "alt") !== e.altKey) return;
    if (handle(v, e.code.startsWith("Digit") ? e.code.slice(5) : e.key.toLowerCase(), e.shiftKey) || more(e.key.toLowerCase()))
      e.preventDefault();
  };
  addEventListener("keydown", on);
  return () => removeEventListener("keydown", on);
}

function handle(v: View, key: string, shift: boolean): boolean {
  const ask = ASK[key];
  if (ask) {
    alertNow(TELL[ask]!(v));
    return true;
  }
  if (/^\d$/.test(key) && shift) {
    const s = v.seats[(Number(key) + 9) % 10];
    alertNow(s?.userId ? `${s.name} ${fmt(s.chips)}${s.folded ? ", folded" : ""}` : "Empty seat");
    return true;
  }
  if (key === "m") {
    toggleMute();
    alertNow(prefs.peek().volume ? "Sound on" : "Sound off");
    return true;
  }
  const question = myQuestion(v);
  if (question && /^[1-3]$/.test(key) && Number(key) <= question.maxRuns) {
    void answerRuns(Number(key));
    return true;
  }
  if (!myTurn(v) || !mySeat(v)) return false;
  switch (key) {
    case "f":
      fold();
      return true;
    case "c":
      checkOrCall();
      return true;
    case "r": {
      if (armed.peek()?.what === "allin" || tall.peek()) raise();
      const field = document.querySelector<HTMLInputElement>("#amount");
      if (field && armed.peek()?.what !== "allin") {
        field.focus();
        field.select();
      } else if (!field && !tall.peek()) raise();
      return true;
    }
    case "a":
      if (tall.peek()) sizing.value = true;
      setTo(v.me.legal?.maxTo ?? 0);
      return true;
    case "arrowup":
    case "arrowdown":
      bump((key === "arrowup" ? 1 : -1) * (shift ? 5 : 1));
      return true;
  }
  if (/^[1-5]$/.test(key)) {
    setPreset(Number(key) - 1);
    return true;
  }
  return false;
}
