// When the document has to be read again, because it says more than an event did.
import type { RoomEvent } from "../api/events";
import { myTurn, type View } from "./view";

/** Whether the document says more than the event: it is asked for again. */
const TELLS_MORE: Record<RoomEvent["type"], boolean> = {
  player_join_requested: false,
  player_approved: false,
  player_rejected: false,
  player_seated: true,
  spectator_joined: false,
  spectator_left: false,
  seat_freed: true,
  player_disconnected: false,
  player_reconnected: false,
  player_sat_out: true,
  player_sat_in: true,
  member_left: false,
  player_kicked: true,
  host_changed: true,
  settings_changed: true,
  chips_adjusted: true,
  game_started: true,
  game_paused: true,
  game_resumed: true,
  game_ended: true,
  hand_started: true,
  player_action: false,
  street_advanced: true,
  pot_distributed: false,
  hand_complete: false,
  runs_asked: false,
  runs_answered: false,
  runs_decided: false,
  run_dealt: false,
  cards_shown: false,
  rabbit_shown: false,
  bounty_paid: false,
  bomb_pot_queued: true,
  bomb_pot_cancelled: true,
  unknown: false,
};

export function wantsSnapshot(after: View, e: RoomEvent): boolean {
  if (needsLegal(after)) return true;
  const seated = after.me.seat !== null && after.seats[after.me.seat]?.inHand === true && !after.seats[after.me.seat]?.folded;
  // What comes after it is in the document alone.
  if (e.type === "hand_started" && (after.settings.rotation.length > 1 || after.settings.bombPotMode !== "off")) return true;
  // Only the name of the own hand: the actor's copy has it.
  if (e.type === "hand_started" || e.type === "street_advanced") return seated && e.handLabel === undefined;
  return TELLS_MORE[e.type] ?? false;
}

/** It is my turn, and the server hasn't said what I may do. */
export const needsLegal = (v: View): boolean => myTurn(v) && !v.me.legal?.sure;
