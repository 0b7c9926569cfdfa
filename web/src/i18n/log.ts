// Log entries in words. `who` is set apart so that the name can be shown stronger.
import type { Action, Street } from "../api/common";
import type { Owed, WaitsFor } from "../api/wire";
import type { LogEntry, WonOn } from "../store/log";
import { cardName, fmt } from "./format";
import { GAMES } from "./games";

const STREETS: Record<Street, string> = { preflop: "Pre-flop", flop: "Flop", turn: "Turn", river: "River" };

/** [third person, second person] */
const DOES: Record<Action, [string, string]> = {
  FOLD: ["folds", "fold"],
  CHECK: ["checks", "check"],
  CALL: ["calls", "call"],
  BET: ["bets", "bet"],
  RAISE: ["raises to", "raise to"],
  ALL_IN: ["is all-in for", "are all-in for"],
};
const DID = {
  asked: ["asks to join", "ask to join"],
  approved: ["was let in", "were let in"],
  rejected: ["was not let in", "were not let in"],
  watches: ["is watching", "are watching"],
  stopped_watching: ["stopped watching", "stopped watching"],
  stood: ["left the seat", "left your seat"],
  disconnected: ["lost the connection; the seat is kept", "lost the connection; your seat is kept"],
  reconnected: ["is back", "are back"],
  sat_out: ["is sitting out", "are sitting out"],
  sat_in: ["is back in the game", "are back in the game"],
  left: ["left the room", "left the room"],
  kicked: ["was removed by the host", "were removed by the host"],
  host: ["is the host now", "are the host now"],
} as const;
const BLINDS = {
  small_blind: ["posts small blind", "post small blind"],
  big_blind: ["posts big blind", "post big blind"],
  ante: ["posts ante", "post ante"],
  button_blind: ["posts button blind", "post button blind"],
  straddle: ["straddles for", "straddle for"],
  posted_big_blind: ["posts a late big blind", "post a late big blind"],
  dead_small_blind: ["posts a dead small blind", "post a dead small blind"],
} as const;
const GAME = {
  started: "The game starts",
  paused: "The game is paused",
  resumed: "The game goes on",
  ended: "The game is over",
  settings: "The settings change from the next hand",
};

export function lineOf(e: LogEntry, money: (n: number) => string = fmt): { who: string; text: string } {
  switch (e.kind) {
    case "hand":
      return {
        who: "",
        text: [`Hand #${e.number}`, e.bombPot ? "bomb pot" : "", e.variant === "nlhe" ? "" : GAMES[e.variant].short]
          .filter(Boolean)
          .join(", "),
      };
    case "street":
      return { who: "", text: STREETS[e.street] };
    case "game":
      return { who: "", text: GAME[e.did] };
    case "runs_asked":
      return { who: "", text: `How often shall it be run? ${listed(e.names)} are asked` };
    case "runs_decided":
      return { who: "", text: `It is run ${TIMES[e.runs] ?? `${e.runs} times`}` };
    case "run":
      return { who: "", text: `Run ${e.run + 1}: ${e.cards.map(cardName).join(", ")}` };
  }
  const who = e.me ? "You" : e.name;
  const pick = (pair: readonly [string, string]) => pair[e.me ? 1 : 0];
  switch (e.kind) {
    case "post":
      return { who, text: `${pick(BLINDS[e.blind])} ${money(e.amount)}` };
    case "act": {
      const amount = e.action === "FOLD" || e.action === "CHECK" ? "" : ` ${money(e.amount)}`;
      const tail =
        (e.allIn && e.action !== "ALL_IN" ? " and is all-in" : "").replace("is", e.me ? "are" : "is") +
        (e.auto ? " (time ran out)" : "");
      return { who, text: pick(DOES[e.action]) + amount + tail };
    }
    case "returned":
      return { who, text: `${e.me ? "get" : "gets"} ${money(e.amount)} back, uncalled` };
    case "show":
      return { who, text: `${e.me ? "show" : "shows"} ${e.cards.map(cardName).join(", ")}${e.rank ? `: ${e.rank}` : ""}` };
    case "win": {
      const pot = e.ofMany ? ` from the ${e.pot === 0 ? "main pot" : `side pot ${e.pot}`}` : "";
      const made = e.rank && (e.on?.half === "low" ? ` with ${e.rank}` : ` with ${handWords(e.rank)}`);
      return { who, text: `${e.me ? "win" : "wins"} ${money(e.amount)}${pot}${wonOn(e.on)}${made ?? ""}` };
    }
    case "rabbit": {
      const cards = e.boards.map((board) => board.map(cardName).join(", ")).filter(Boolean);
      return { who, text: `${e.me ? "hunt" : "hunts"} the rabbit${cards.length ? `: ${cards.join("; ")} would have come` : ""}` };
    }
    case "bounty": {
      const from = e.from.map((f) => `${money(f.amount)} from ${f.name}`).join(", ");
      return { who, text: `${e.me ? "get" : "gets"} ${money(e.amount)} for seven-deuce: ${from}` };
    }
    case "bomb_pot":
      if (e.did === "queued") return { who, text: `${e.me ? "make" : "makes"} the next hand a bomb pot` };
      return { who, text: `${e.me ? "take" : "takes"} the bomb pot back` };
    case "person":
      if (e.did === "sat")
        return { who, text: `${e.me ? "take" : "takes"} seat ${(e.seat ?? 0) + 1} with ${money(e.amount ?? 0)}` };
      if (e.did === "given") return { who, text: given(e.amount ?? 0, e.me, money) + (e.why ? `: ${e.why}` : "") };
      if (e.did === "chips")
        return {
          who,
          text:
            (e.amount ?? 0) >= 0
              ? `${e.me ? "get" : "gets"} ${money(e.amount ?? 0)} chips`
              : `${e.me ? "hand" : "hands"} back ${money(-(e.amount ?? 0))} chips`,
        };
      return { who, text: pick(DID[e.did]) };
  }
}
const DEBTS: Readonly<Record<Owed, string>> = {
  new: "a big blind as a new player",
  small_blind: "a small blind",
  big_blind: "a big blind",
};
/** "a big blind and a small blind". */
export const owedWords = (owes: readonly Owed[]): string => listed(owes.map((debt) => DEBTS[debt]));
/** Why somebody isn't dealt in. */
export const WAITS: Readonly<Record<WaitsFor, string>> = {
  big_blind: "waits for the big blind",
  button_to_pass: "waits for the button to pass",
};
export const TIMES: Readonly<Record<number, string>> = { 1: "once", 2: "twice", 3: "three times" };
const listed = (names: readonly string[]): string => names.join(", ").replace(/, ([^,]*)$/, " and $1");
const wonOn = (on: WonOn | null): string => {
  if (!on) return "";
  const where = on.board === null ? "" : ` ${on.runs ? "in run" : "on board"} ${on.board + 1}`;
  return where + (on.half === "whole" ? "" : ` for the ${on.half}`);
};
const given = (delta: number, me: boolean, money: (n: number) => string): string =>
  delta >= 0
    ? `${me ? "get" : "gets"} ${money(delta)} chips from the host`
    : `${me ? "have" : "has"} ${money(-delta)} chips taken by the host`;
export const lower = (s: string): string => s.charAt(0).toLowerCase() + s.slice(1);
/** A hand in the middle of a sentence: "a flush, jack high", "two pair, kings and queens". */
export const handWords = (rank: string): string => (/^(Pair|Straight|Flush|Full|Royal)/.test(rank) ? "a " : "") + lower(rank);
/** The tag under a seat. */
export function tagOf(a: { action: Action; amount: number }, money: (n: number) => string): string {
  const names: Record<Action, string> = {
    FOLD: "Fold",
    CHECK: "Check",
    CALL: "Call",
    BET: "Bet",
    RAISE: "Raise",
    ALL_IN: "All-in",
  };
  return a.action === "FOLD" || a.action === "CHECK" || a.action === "ALL_IN"
    ? names[a.action]
    : `${names[a.action]} ${money(a.amount)}`;
}
