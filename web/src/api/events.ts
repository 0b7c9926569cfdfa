// Events and frames, by the client's names for them.

import type { ServerFrame as Said, WireEvent } from "./wire";

export type { ClientFrame, WireTimer as Timer } from "./wire";

export type RoomEvent = WireEvent;
/** Everything that comes through the socket. */
export type ServerFrame = Said | RoomEvent;

export type Of<Type extends RoomEvent["type"]> = Extract<RoomEvent, { type: Type }>;
export type HandStarted = Of<"hand_started">;
export type PlayerAction = Of<"player_action">;
export type StreetAdvanced = Of<"street_advanced">;
export type PotDistributed = Of<"pot_distributed">;
export type HandComplete = Of<"hand_complete">;

/** For an event of a type that this client has never heard of. A type that the server has and a switch misses doesn't compile. */
export const unheardOf = <T>(_event: never, nothing: T): T => nothing;
