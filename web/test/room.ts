// A room and a hand to test with.
import type { RoomEvent } from "../src/api/events";
import { DEFAULTS } from "../src/lobby/defaults";
import { emptySeat, type SeatView, type View } from "../src/store/view";

export const ROOM = "00000000-0000-4000-8000-000000000001";
export const user = (n: number): string => `00000000-0000-4000-8000-0000000001${String(n).padStart(2, "0")}`;
const NAMES = ["Ana", "Bao", "Cem"];

export function room(me = 0, seats = 6): View {
  const list = Array.from({ length: seats }, (_, i): SeatView => (i < 3 ? { ...emptySeat(i), userId: user(i), name: NAMES[i]!, chips: 200, status: "active", online: true } : emptySeat(i)));
  return {
    epoch: "e0000000-0000-4000-8000-000000000001", seq: 10, roomId: ROOM, code: "K7QX42AB", name: "Friday", hostId: user(0), roomStatus: "open", hasPassword: false,
    settings: { ...DEFAULTS, seats }, gameId: "g", gameStatus: "active", ending: false, handNumber: 0, nextHandAt: null, hand: null, seats: list, timer: null,
    me: { userId: user(me), name: NAMES[me] ?? "", role: "player", status: "approved", isHost: me === 0, seat: me, cards: null, label: null, legal: null, bankSecs: 60, waitingChips: 0 },
    spectatorCount: 0, requests: [], members: [], banned: [], log: [], names: Object.fromEntries(NAMES.map((n, i) => [user(i), n])),
  };
}
const timer = (actorSeat: number, turn: number) => ({ actorSeat, turn, startedAt: 1000, deadlineAt: 31_000, timebankRemaining: 60, expiresAt: 91_000 });
const common = (seq: number) => ({ seq, roomId: ROOM, at: 1000 + seq });

/** Ana has the button, Bao and Cem post 1 and 2; Ana raises to 6, Bao folds, Cem calls; Cem bets the flop, Ana folds. */
export const HAND: RoomEvent[] = [
  {
    ...common(11), type: "hand_started", handId: "h1", handNumber: 7, variant: "nlhe", rules: 2, kind: "ordinary", boardCount: 1, buttonDead: false, smallBlindSeat: null, bigBlindSeat: null, buttonBlind: 0, buttonSeat: 0, smallBlind: 1, bigBlind: 2, ante: 0, pot: 3,
    blinds: [{ seatIndex: 1, kind: "small_blind", amount: 1 }, { seatIndex: 2, kind: "big_blind", amount: 2 }],
    seats: [{ seatIndex: 0, userId: user(0), chips: 200, bet: 0 }, { seatIndex: 1, userId: user(1), chips: 199, bet: 1 }, { seatIndex: 2, userId: user(2), chips: 198, bet: 2 }],
    commitment: null,
    timer: timer(0, 1), yourCards: ["hearts_A", "spades_10"],
  },
  { ...common(12), type: "player_action", userId: user(0), seatIndex: 0, street: "preflop", action: "RAISE", amount: 6, chips: 194, bet: 6, pot: 9, auto: false, turn: 1, returned: null, timer: timer(1, 2) },
  { ...common(13), type: "player_action", userId: user(1), seatIndex: 1, street: "preflop", action: "FOLD", amount: 0, chips: 199, bet: 1, pot: 9, auto: false, turn: 2, returned: null, timer: timer(2, 3) },
  { ...common(14), type: "player_action", userId: user(2), seatIndex: 2, street: "preflop", action: "CALL", amount: 4, chips: 194, bet: 6, pot: 13, auto: false, turn: 3, returned: null, timer: null },
  { ...common(15), type: "street_advanced", boards: [], street: "flop", board: ["clubs_2", "clubs_3", "clubs_4"], pots: [{ amount: 13, eligibleSeats: [0, 2] }], timer: timer(2, 4) },
  { ...common(16), type: "player_action", userId: user(2), seatIndex: 2, street: "flop", action: "BET", amount: 10, chips: 184, bet: 10, pot: 23, auto: false, turn: 4, returned: null, timer: timer(0, 5) },
  { ...common(17), type: "player_action", userId: user(0), seatIndex: 0, street: "flop", action: "FOLD", amount: 0, chips: 194, bet: 0, pot: 23, auto: true, turn: 5, returned: { seatIndex: 2, amount: 10, chips: 194 }, timer: null },
  { ...common(18), type: "pot_distributed", parts: [], potIndex: 0, amount: 13, winners: [{ userId: user(2), seatIndex: 2, amount: 13 }] },
  {
    ...common(19), type: "hand_complete", boards: [], handId: "h1", board: ["clubs_2", "clubs_3", "clubs_4"], winners: [{ userId: user(2), seatIndex: 2, amount: 13, handRank: null }], shown: [],
    chips: [{ seatIndex: 0, chips: 194 }, { seatIndex: 1, chips: 199 }, { seatIndex: 2, chips: 207 }], nextHandAt: 9000,
  },
];
