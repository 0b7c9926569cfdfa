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
import type { Half, HandKind, Owed, Variant, WaitsFor, WirePreferences } from "../api/wire";
import type { PotDistributed } from "../api/events";
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
  /** What was posted before the cards besides blinds and antes, until something is done. */
  posted: "straddle" | "posted_big_blind" | "dead_small_blind" | null;
  /** Chips won in the hand that has just ended. */
  won: number;
  handRank: string | null;
  /** What the shown cards make with each board or run, in words. */
  ranks: Ranks[];
  /** What somebody who is new or has missed blinds still has to post. */
  owes: Owed[];
  /** What somebody with a debt waits for before they are dealt in. */
  waitsFor: WaitsFor | null;
}
export interface Ranks {
  board: number;
  high: string;
  low: string | null;
}
export interface PotView {
  amount: number;
  eligible: number[];
}
export interface Award {
  potIndex: number;
  amount: number;
  winners: { seat: number; amount: number }[];
  /** By board or run, and by high and low; empty where hands were not compared. */
  parts: AwardPart[];
}
export interface AwardPart {
  board: number;
  half: Half;
  amount: number;
  winners: { seat: number; amount: number }[];
}
/** How often to run the missing cards, asked of those still in. What they answered is told to nobody. */
export interface QuestionView {
  seats: number[];
  maxRuns: number;
  turn: number;
  expiresAt: number | null;
  answered: number[];
}
export interface HandView {
  id: string;
  number: number;
  variant: Variant;
  kind: HandKind;
  phase: Phase;
  /** The first board. */
  board: Card[];
  /** All boards, or the board of each run; at least one. */
  boards: Card[][];
  /** How often the missing cards are run, where that was decided. */
  runs: number | null;
  question: QuestionView | null;
  /** Every chip in the middle, this street's bets included. */
  pot: number;
  /** The pots of the finished streets. */
  pots: PotView[];
  currentBet: number;
  /** The size of the last full bet or raise: the step of the next one. */
  step: number;
  buttonSeat: number;
  /** Nobody has the button. */
  buttonDead: boolean;
  smallBlind: number;
  bigBlind: number;
  ante: number;
  smallBlindSeat: number | null;
  bigBlindSeat: number | null;
  awards: Award[];
  /** The boards as they would have become, for those who may know. */
  rabbit: Card[][] | null;
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
  preferences: WirePreferences;
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
  /** What is played, or was played last. */
  variant: Variant;
  /** In a rotation: what comes next, and after how many more hands. */
  nextVariant: Variant | null;
  handsToNextVariant: number | null;
  /** In how many hands a bomb pot comes, 1 for the next one; null where that isn't known. */
  nextBombPot: number | null;
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
  posted: null,
  won: 0,
  handRank: null,
  ranks: [],
  owes: [],
  waitsFor: null,
});

export const awardFrom = (e: Pick<PotDistributed, "potIndex" | "amount" | "winners" | "parts">): Award => {
  const shares = (winners: typeof e.winners) => winners.map((w) => ({ seat: w.seatIndex, amount: w.amount }));
  const parts = e.parts.map((p) => ({ board: p.board, half: p.half, amount: p.amount, winners: shares(p.winners) }));
  return { potIndex: e.potIndex, amount: e.amount, winners: shares(e.winners), parts };
};
/** What somebody's cards make in a part of a pot, in words. */
export function rankIn(
  s: { ranks: readonly Ranks[]; handRank: string | null } | undefined,
  part: { board: number; half: Half },
): string | null {
  const ranks = s?.ranks.find((r) => r.board === part.board);
  return part.half === "low" ? (ranks?.low ?? null) : (ranks?.high ?? s?.handRank ?? null);
}
/** Servers of before said the first board alone. */
export const boardsOf = (e: { board: Card[]; boards: Card[][] }): Card[][] => (e.boards.length ? e.boards : [e.board]);
/** What a board is called where there are several. */
export const boardName = (h: Pick<HandView, "runs">, board: number): string =>
  `${(h.runs ?? 1) > 1 ? "Run" : "Board"} ${board + 1}`;

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

/** What a new member's preferences are. */
export const PREFERENCES: WirePreferences = {
  entry: "post",
  autoStraddle: false,
  runPreference: "ask",
  autoMuck: true,
  sitOutNextBigBlind: false,
  maxRuns: null,
};
/** The question that I am asked and haven't answered. */
export const myQuestion = (v: View): QuestionView | null => {
  const q = v.hand?.question;
  const { seat } = v.me;
  return q && seat !== null && q.seats.includes(seat) && !q.answered.includes(seat) ? q : null;
};
/** Own cards of the hand that is over which the room hasn't seen yet; they may be shown until the next hand. */
export const hiddenCards = (v: View): Card[] => {
  const seat = mySeat(v);
  if (v.hand?.phase !== "complete" || !seat?.inHand || !v.me.cards) return [];
  return v.me.cards.filter((c) => !seat.shown?.includes(c));
};
/** The hand ended before its board was complete, and what would have come may be asked for. */
export const mayHuntRabbit = (v: View): boolean => {
  const h = v.hand;
  if (h?.phase !== "complete" || v.settings.rabbitHunt === "off" || h.rabbit || !mySeat(v)?.inHand) return false;
  return h.boards.some((board) => board.length < 5);
};
