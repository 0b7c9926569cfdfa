import type { Action, BlindKind, Card, Settings, Street } from "./common";

/** What every event carries. */
export interface Common {
  seq: number;
  roomId: string;
  at: number;
}
export interface Timer {
  actorSeat: number;
  turn: number;
  startedAt: number;
  deadlineAt: number | null;
  timebankRemaining: number;
  expiresAt: number | null;
}
interface Person {
  userId: string;
  displayName: string;
}
interface Seated {
  userId: string;
  seatIndex: number;
}
export interface Winner extends Seated {
  amount: number;
  handRank: string | null;
}
export interface PotShare {
  amount: number;
  eligibleSeats: number[];
}
export type HandStarted = Common & {
  type: "hand_started";
  handId: string;
  handNumber: number;
  buttonSeat: number;
  smallBlind: number;
  bigBlind: number;
  ante: number;
  pot: number;
  blinds: { seatIndex: number; kind: BlindKind; amount: number }[];
  seats: { seatIndex: number; userId: string; chips: number; bet: number }[];
  timer: Timer | null;
  yourCards?: Card[];
};
export type PlayerAction = Common & {
  type: "player_action";
  userId: string;
  seatIndex: number;
  street: Street;
  action: Action;
  amount: number;
  chips: number;
  bet: number;
  pot: number;
  auto: boolean;
  turn: number | null;
  returned?: { seatIndex: number; amount: number; chips: number } | null;
  timer: Timer | null;
};
export type StreetAdvanced = Common & { type: "street_advanced"; street: Street; board: Card[]; pots: PotShare[]; timer: Timer | null };
export type PotDistributed = Common & {
  type: "pot_distributed";
  potIndex: number;
  amount: number;
  winners: { userId: string; seatIndex: number; amount: number }[];
};
export type HandComplete = Common & {
  type: "hand_complete";
  handId: string;
  board: Card[];
  winners: Winner[];
  shown: { seatIndex: number; cards: Card[]; handRank: string | null }[];
  chips: { seatIndex: number; chips: number }[];
  nextHandAt?: number | null;
};

export type RoomEvent =
  | (Common & Person & { type: "player_join_requested" | "player_rejected" | "spectator_joined" | "spectator_left" })
  | (Common & Person & { type: "player_approved"; rejoinToken?: string })
  | (Common & Person & { type: "player_seated"; seatIndex: number; chips: number })
  | (Common & Seated & { type: "seat_freed"; reason: "left" | "kicked" | "disconnected" | "ended" })
  | (Common & Seated & { type: "player_disconnected" | "player_reconnected" | "player_sat_out" | "player_sat_in" })
  | (Common & { type: "member_left" | "player_kicked" | "host_changed"; userId: string })
  | (Common & { type: "settings_changed"; settings: Settings })
  | (Common & { type: "chips_adjusted"; userId: string; delta: number; chips: number })
  | (Common & { type: "game_started" | "game_paused" | "game_resumed" | "game_ended"; gameId: string; timer?: Timer | null })
  | HandStarted
  | PlayerAction
  | StreetAdvanced
  | PotDistributed
  | HandComplete;

export type ServerFrame =
  | { type: "authenticated"; role: string | null; status: string; userId: string; seatIndex: number | null; seq: number; heartbeatSecs: number }
  | { type: "resync_required"; seq: number }
  | { type: "heartbeat_ack"; seq: number; serverTime: number }
  | { type: "presence"; userId: string; online: boolean }
  | { type: "error"; code: string; detail: string }
  | RoomEvent;

export type ClientFrame =
  | { type: "authenticate"; roomId: string; token?: string; rejoinToken?: string; lastSeq?: number }
  | { type: "heartbeat" };
