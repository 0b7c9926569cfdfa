// The shapes that several messages share. Written from the public contract; one type a wire shape.

export type Suit = "spades" | "hearts" | "diamonds" | "clubs";
export type Rank = "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "10" | "J" | "Q" | "K" | "A";
export type Card = `${Suit}_${Rank}`;

export type Action = "FOLD" | "CHECK" | "CALL" | "BET" | "RAISE" | "ALL_IN";
export type Street = "preflop" | "flop" | "turn" | "river";
export type Phase = Street | "showdown" | "complete";
export type GameStatus = "waiting" | "active" | "paused" | "completed";
export type RoomStatus = "open" | "closed";
export type Role = "player" | "spectator" | "host" | "approved";
export type MemberStatus = "guest" | "pending" | "approved" | "rejected" | "left" | "kicked" | "banned";
export type SeatStatus = "empty" | "active" | "sitting_out" | "disconnected" | "leaving";
export type BlindKind = "small_blind" | "big_blind" | "ante";

export interface Settings {
  seats: number;
  smallBlind: number;
  bigBlind: number;
  ante: number;
  minBuyIn: number;
  maxBuyIn: number;
  actionTimeoutSecs: number;
  timebankSecs: number;
  betweenHandsSecs: number;
  maxMembers: number;
  autoApprove: boolean;
  spectatorsAllowed: boolean;
  variant: string;
}

export interface LegalActions {
  actions: Action[];
  callAmount?: number | null;
  minRaiseTo?: number | null;
  maxRaiseTo?: number | null;
}

/** `application/problem+json` */
export interface Problem {
  type?: string;
  title?: string;
  status: number;
  detail?: string;
  code: string;
  seq?: number;
  outcome?: string;
  legalActions?: LegalActions;
}
