import type { Card, GameStatus, MemberStatus, Role, RoomStatus, Settings } from "./common";
import type { RoomEvent } from "./events";

export interface Session {
  token: string;
  userId: string;
  displayName: string;
  expiresAt: number;
}
export interface WhoAmI {
  userId: string;
  displayName: string;
  guest: boolean;
}

export interface RoomInfo {
  id: string;
  code: string;
  name: string;
  hostId: string;
  status: RoomStatus;
  settings: Settings;
  hasPassword: boolean;
}
export interface CreateRoom {
  name?: string;
  displayName: string;
  password?: string;
  settings?: Partial<Settings>;
}
export interface RoomCreated {
  room: RoomInfo;
  gameId: string;
  rejoinToken: string;
}
export interface LobbySeat {
  seatIndex: number;
  userId: string | null;
  displayName: string | null;
}
export interface LobbyView {
  room: RoomInfo;
  seats: LobbySeat[];
  hostDisplayName: string;
  hostOnline: boolean;
  memberCount: number;
  gameStatus: GameStatus;
}
export interface MyRoom {
  id: string;
  code: string;
  name: string;
  status: RoomStatus;
  memberStatus: MemberStatus;
  role: Role | null;
  seatIndex: number | null;
  isHost: boolean;
  gameStatus: GameStatus;
  yourTurn: boolean;
  pendingRequests: number;
  memberCount: number;
  settings: Settings;
}
export interface MyRooms {
  rooms: MyRoom[];
}
export interface JoinAnswer {
  status: "pending" | "approved";
  waitingForApproval: boolean;
  rejoinToken?: string;
}
export interface MyStatus {
  status: MemberStatus;
  role: Role | null;
  seatIndex: number | null;
  rejoinToken: string | null;
}
export interface SeatAnswer {
  role: "player";
  seatIndex: number;
  chips: number;
  rejoinToken: string;
}
export interface SpectateAnswer {
  role: "spectator";
  rejoinToken: string;
}
export interface Done {
  success: true;
  seq: number;
}
export interface ChipsAnswer extends Done {
  queued: boolean;
  chips: number;
}
export interface SettingsAnswer {
  settings: Settings;
}
export interface Spectators {
  spectators: { userId: string; displayName: string; online: boolean; lastSeenAt: number | null }[];
}
export interface EventsAnswer {
  events: RoomEvent[];
  seq: number;
}
export interface HandSummary {
  handId: string;
  handNumber: number;
  startedAt: number;
  completedAt: number | null;
  pot: number;
  winners: { userId: string; seatIndex: number; amount: number; handRank: string | null; displayName?: string }[];
}
export interface HandsAnswer {
  hands: HandSummary[];
}
export interface HandRecord {
  hand: {
    id: string;
    number: number;
    started_at: number;
    completed_at: number | null;
    button_seat: number;
    small_blind: number;
    big_blind: number;
    ante: number;
    seats: { seat_index: number; user_id: string; display_name: string; chips: number }[];
    board: Card[];
    pot: number;
  };
  events: RoomEvent[];
}
