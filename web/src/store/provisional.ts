// What I may do in the moment between the event that gives me the turn and the server's own list. Only the choices that
// can't be wrong are offered: raising waits for the list, because short all-ins may have closed the betting.
import type { Action } from "../api/common";
import { mySeat, type Legal, type View } from "./view";

export function provisionalLegal(v: View): Legal | null {
  const seat = mySeat(v);
  if (!seat || !v.hand) return null;
  const owed = Math.max(0, v.hand.currentBet - seat.bet);
  const call = Math.min(owed, seat.chips);
  const actions: Action[] = ["FOLD", owed === 0 ? "CHECK" : "CALL"];
  const maxTo = seat.bet + seat.chips;
  if (seat.chips > owed) actions.push(v.hand.currentBet === 0 ? "BET" : "RAISE");
  return { actions, call, minTo: Math.min(maxTo, v.hand.currentBet + v.hand.step), maxTo, sure: false };
}
