// What can be typed in the text view. Returns what to say, or null when an action was sent.
import { act, answerRuns } from "../store/act";
import { connected, view } from "../store/room";
import { myQuestion, mySeat, myTurn, type View } from "../store/view";
import { fmt } from "../i18n/format";
import { TELL } from "../table/keyboard";

export const HELP =
  "f fold, c check or call, r 240 raise to 240, all-in, run 2 when you are asked how often to run it, board, hand, pot, stacks, time, last, help.";
const ASK: Record<string, string> = {
  h: "hand",
  cards: "hand",
  hand: "hand",
  b: "board",
  board: "board",
  p: "pot",
  pot: "pot",
  pots: "pot",
  s: "stacks",
  stacks: "stacks",
  t: "time",
  time: "time",
  l: "last",
  last: "last",
};
let sureFold = 0;
let sureAll = 0;
const again = (at: number): boolean => Date.now() - at < 8000;

export function perform(text: string): string | null {
  const [word = "", rest = ""] = text.trim().toLowerCase().split(/\s+/, 2);
  const v = view.peek();
  if (!v) return "The table is not loaded yet.";
  if (word === "help" || word === "?") return HELP;
  const ask = ASK[word];
  if (ask) return TELL[ask]!(v);
  if (word === "run") return run(v, Number(rest));
  const l = v.me.legal;
  if (!/^(f|fold|c|check|call|r|raise|bet|a|all-in|allin)$/.test(word)) return `"${word}" is not a command. ${HELP}`;
  if (!myTurn(v) || !l) return "It is not your turn.";
  if (!connected.peek()) return "The connection is down; nothing was sent.";
  if (v.gameStatus === "paused") return "The game is paused.";
  switch (word) {
    case "f":
    case "fold":
      if (l.actions.includes("CHECK") && !again(sureFold)) {
        sureFold = Date.now();
        return "Check is free. Fold once more to fold anyway.";
      }
      sureFold = 0;
      void act("FOLD");
      return null;
    case "c":
    case "check":
    case "call":
      if (l.actions.includes("CHECK")) void act("CHECK");
      else if (word === "check") return `You can't check. Calling costs ${fmt(l.call)}.`;
      else if (l.actions.includes("CALL")) void act("CALL");
      else return "You can't call.";
      return null;
    case "a":
    case "all-in":
    case "allin":
      if (!l.actions.includes("ALL_IN")) return "You can't go all-in now.";
      if (!again(sureAll)) {
        sureAll = Date.now();
        return `Once more to go all-in for ${fmt((mySeat(v)?.chips ?? 0) + (mySeat(v)?.bet ?? 0))}.`;
      }
      sureAll = 0;
      void act("ALL_IN");
      return null;
    default: {
      const kind = l.actions.includes("RAISE") ? "RAISE" : l.actions.includes("BET") ? "BET" : null;
      if (!kind || !l.sure) return "You can't raise now.";
      const to = Number(rest.replace(/[,.]/g, ""));
      if (!rest || !Number.isInteger(to)) return `Say an amount: r ${l.minTo} to r ${l.maxTo}.`;
      if (to < l.minTo || to > l.maxTo) return `Between ${fmt(l.minTo)} and ${fmt(l.maxTo)}.`;
      void act(kind, to);
      return null;
    }
  }
}

function run(v: View, runs: number): string | null {
  const q = myQuestion(v);
  if (!q) return "You are not asked how often to run it.";
  if (!Number.isInteger(runs) || runs < 1 || runs > q.maxRuns) return `Say a number: run 1 to run ${q.maxRuns}.`;
  if (!connected.peek()) return "The connection is down; nothing was sent.";
  void answerRuns(runs);
  return null;
}
