// What one reader knows of a room: the same shape whether it came from a snapshot, from events, or from a replay.
import type {
  Action,
  Card,
  GameStatus,
  LegalActions,
  MemberStatus,
  Phase,
  Role,
  RoomStatus,
  SeatStatus,
  Settings,
} from "../api/common";
import type { Variant } from "../api/wire";
import type { LogEntry } from "./log";

export interface SeatView {
  index: number;
  userId: string | null;
  name: string;
  chips: number;
  bet: number;
  status: SeatStatus;
  inHand: boolean;
  folded: boolean;
  allIn: boolean;
  online: boolean;
  lastSeenAt: number | null;
  shown: Card[] | null;
  lastAction: { action: Action; amount: number } | null;
  /** Chips won in the hand that has just ended. */
  won: number;
  handRank: string | null;
}
export interface PotView {
  amount: number;
  eligible: number[];
}
export interface Award {
  potIndex: number;
  amount: number;
  winners: { seat: number; amount: number }[];
}
export interface HandView {
  id: string;
  number: number;
  variant: Variant;
  phase: Phase;
  board: Card[];
  /** Every chip in the middle, this street's bets included. */
  pot: number;
  /** The pots of the finished streets. */
  pots: PotView[];
  currentBet: number;
  /** The size of the last full bet or raise: the step of the next one. */
  step: number;
  buttonSeat: number;
  smallBlind: number;
  bigBlind: number;
  ante: number;
  smallBlindSeat: number | null;
  bigBlindSeat: number | null;
  awards: Award[];
  winners: { seat: number; amount: number; rank: string | null }[];
}
export interface TimerView {
  seat: number;
  turn: number;
  startedAt: number;
  deadlineAt: number | null;
  bankSecs: number;
  expiresAt: number | null;
}
export interface Legal {
  actions: Action[];
  call: number;
  minTo: number;
  maxTo: number;
  /** True once the server has said so; until then only folding, checking and calling are offered. */
  sure: boolean;
}
export interface MeView {
  userId: string;
  name: string;
  role: Role;
  status: MemberStatus;
  isHost: boolean;
  seat: number | null;
  cards: Card[] | null;
  label: string | null;
  legal: Legal | null;
  bankSecs: number | null;
  waitingChips: number;
}
export interface Request {
  userId: string;
  name: string;
  at: number;
}
export interface Member {
  userId: string;
  name: string;
  role: Role;
  online: boolean;
}
export interface View {
  /** Which log `seq` is a number of. */
  epoch: string;
  seq: number;
  roomId: string;
  code: string;
  name: string;
  hostId: string;
  roomStatus: RoomStatus;
  hasPassword: boolean;
  settings: Settings;
  gameId: string;
  gameStatus: GameStatus;
  /** The host has asked for the end; the hand in progress is still played. */
  ending: boolean;
  handNumber: number;
  nextHandAt: number | null;
  hand: HandView | null;
  seats: SeatView[];
  timer: TimerView | null;
  me: MeView;
  spectatorCount: number;
  requests: Request[];
  members: Member[];
  /** Who may not ask to come in; for the host. */
  banned: { userId: string; name: string }[];
  log: LogEntry[];
  /** Names of everyone seen so far, so that a line about somebody who left still has a name. */
  names: Readonly<Record<string, string>>;
}

export const emptySeat = (index: number): SeatView => ({
  index,
  userId: null,
  name: "",
  chips: 0,
  bet: 0,
  status: "empty",
  inHand: false,
  folded: false,
  allIn: false,
  online: false,
  lastSeenAt: null,
  shown: null,
  lastAction: null,
  won: 0,
  handRank: null,
});

export function legalFrom(wire: LegalActions): Legal {
  return {
    actions: wire.actions,
    call: wire.callAmount ?? 0,
    minTo: wire.minRaiseTo ?? 0,
    maxTo: wire.maxRaiseTo ?? 0,
    sure: true,
  };
}

export const nameOf = (v: View, userId: string): string =>
  v.names[userId] ?? v.seats.find((s) => s.userId === userId)?.name ?? "Somebody";
export const seatOf = (v: View, userId: string): SeatView | undefined => v.seats.find((s) => s.userId === userId);
export const mySeat = (v: View): SeatView | null => (v.me.seat === null ? null : (v.seats[v.me.seat] ?? null));
export const handRuns = (v: View): boolean => v.hand !== null && v.hand.phase !== "complete";
export const myTurn = (v: View): boolean => v.me.seat !== null && v.timer?.seat === v.me.seat && handRuns(v);
/** What my cards make, in words. Two different cards make nothing yet before the flop. */
export const handLabel = (v: View): string | null => {
  const [a, b] = v.me.cards ?? [];
  const nothing = v.hand?.board.length === 0 && a && b && a.slice(a.indexOf("_")) !== b.slice(b.indexOf("_"));
  return nothing ? null : v.me.label;
};
export const streetBets = (v: View): number => v.seats.reduce((sum, s) => sum + s.bet, 0);
