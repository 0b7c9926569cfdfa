// What is being played, in a few words: the game, what comes after it, bomb pots.
import type { View } from "../store/view";
import { plural } from "./format";
import { GAMES } from "./games";

/** "Omaha, 3 hands to Hold'em"; "Bomb pot, Omaha"; empty where there is nothing but hold'em. */
export function stateOfPlay(v: View): string {
  const running = v.hand !== null && v.hand.phase !== "complete";
  const game = running && v.hand ? v.hand.variant : v.variant;
  const bomb = running && v.hand?.kind === "bomb_pot";
  const named = game !== "nlhe" || v.settings.rotation.length > 1 || bomb;
  return [bomb ? "Bomb pot" : "", named ? GAMES[game].short : "", nextGame(v), bomb ? "" : nextBombPot(v.nextBombPot)]
    .filter(Boolean)
    .join(", ");
}
function nextGame(v: View): string {
  const n = v.handsToNextVariant;
  if (v.nextVariant === null || n === null) return "";
  const next = GAMES[v.nextVariant].short;
  return n === 0 ? `then ${next}` : `${plural(n, "hand", "hands")} to ${next}`;
}
function nextBombPot(hands: number | null): string {
  if (hands === null) return "";
  return hands <= 1 ? "bomb pot next" : `bomb pot in ${plural(hands, "hand", "hands")}`;
}
