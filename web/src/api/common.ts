// The shapes that several messages share, by the client's names for them.

export type {
  ActionName as Action,
  Card,
  GameStatus,
  LegalActionsResponse as LegalActions,
  Phase,
  PostKind as BlindKind,
  Problem,
  Rank,
  Role,
  RoomStatus,
  SeatStatus,
  MembershipStatus,
  Street,
  Suit,
  WireSettings as Settings,
} from "./wire";

import type { MembershipStatus } from "./wire";

/** How somebody stands with a room; a guest has nothing to do with it yet. */
export type MemberStatus = MembershipStatus | "guest";
