import assert from "node:assert/strict";
import { test } from "node:test";
import type { Card } from "../src/api/common";
import type { RoomEvent } from "../src/api/events";
import type { HandRecord } from "../src/api/rooms";
import { toPhh } from "../src/history/phh";
import { HAND, ROOM, user } from "./room";

const TOLD = { table: 'The "Friday" \\ game', seatCount: 6, reader: user(0) };

const seat = (n: number, chips: number, name: string) => ({ seat_index: n, user_id: user(n), display_name: name, chips });
const three: HandRecord = {
  hand: {
    id: "h1", number: 7, started_at: Date.UTC(2026, 10, 24, 9, 5, 7), completed_at: null, button_seat: 0, small_blind: 1, big_blind: 2, ante: 0,
    seats: [seat(0, 200, "Ana"), seat(1, 200, "Bao"), seat(2, 200, "Cem")], board: ["clubs_2", "clubs_3", "clubs_4"], pot: 13,
  },
  events: HAND,
};

test("a hand is written from the button's left, with the reader's cards and nobody else's", () => {
  assert.equal(
    toPhh(three, TOLD),
    `variant = "NT"
antes = [0, 0, 0]
blinds_or_straddles = [1, 2, 0]
min_bet = 2
starting_stacks = [200, 200, 200]
actions = [
  "d dh p1 ????",
  "d dh p2 ????",
  "d dh p3 AhTs",
  "p3 cbr 6",
  "p1 f",
  "p2 cc",
  "d db 2c3c4c",
  "p2 cbr 10",
  "p3 f",
]
time = 09:05:07
time_zone = "UTC"
day = 24
month = 11
year = 2026
hand = 7
table = "The \\"Friday\\" \\\\ game"
seats = [2, 3, 1]
seat_count = 6
players = ["Bao", "Cem", "Ana"]
finishing_stacks = [199, 207, 194]
winnings = [0, 13, 0]
`,
  );
});

test("a hand that is still being played is not written", () => {
  assert.equal(toPhh({ ...three, events: HAND.slice(0, -1) }, TOLD), null);
});

test("heads-up, the blinds change places, and all-in hands are shown before the board runs out", () => {
  const common = (seq: number) => ({ seq, roomId: ROOM, at: 1000 + seq });
  const boards: Card[][] = [["clubs_2", "clubs_3", "clubs_4"], ["clubs_2", "clubs_3", "clubs_4", "hearts_9"], ["clubs_2", "clubs_3", "clubs_4", "hearts_9", "spades_2"]];
  const streets = ["flop", "turn", "river"] as const;
  const timer = { actorSeat: 0, turn: 1, startedAt: 1, deadlineAt: null, timebankRemaining: 0, expiresAt: null };
  const events: RoomEvent[] = [
    {
      ...common(1), type: "hand_started", handId: "h2", handNumber: 8, buttonSeat: 0, smallBlind: 5, bigBlind: 10, ante: 1, pot: 17,
      blinds: [{ seatIndex: 0, kind: "ante", amount: 1 }, { seatIndex: 1, kind: "ante", amount: 1 }, { seatIndex: 0, kind: "small_blind", amount: 5 }, { seatIndex: 1, kind: "big_blind", amount: 7 }],
      seats: [{ seatIndex: 0, userId: user(0), chips: 94, bet: 5 }, { seatIndex: 1, userId: user(1), chips: 0, bet: 7 }],
      timer, commitment: null,
    },
    { ...common(2), type: "player_action", userId: user(0), seatIndex: 0, street: "preflop", action: "CALL", amount: 2, chips: 92, bet: 7, pot: 16, auto: false, turn: 1, returned: null, timer: null },
    ...boards.map((board, i): RoomEvent => ({ ...common(3 + i), type: "street_advanced", street: streets[i]!, board, pots: [{ amount: 16, eligibleSeats: [0, 1] }], timer: null })),
    { ...common(6), type: "pot_distributed", potIndex: 0, amount: 16, winners: [{ userId: user(1), seatIndex: 1, amount: 16 }] },
    {
      ...common(7), type: "hand_complete", handId: "h2", board: boards[2]!, winners: [{ userId: user(1), seatIndex: 1, amount: 16, handRank: "Flush" }],
      shown: [{ seatIndex: 1, cards: ["clubs_A", "clubs_10"], handRank: "Flush" }], chips: [{ seatIndex: 0, chips: 92 }, { seatIndex: 1, chips: 16 }], nextHandAt: null,
    },
  ];
  const text = toPhh({ hand: { ...three.hand, number: 8, small_blind: 5, big_blind: 10, ante: 1, seats: [seat(0, 100, "Ana"), seat(1, 8, "Bao\u007f")] }, events }, TOLD);
  assert(text);
  const field = (name: string) => new RegExp(`^${name} = (.*)$`, "m").exec(text)?.[1];
  assert.equal(field("antes"), "[1, 1]");
  assert.equal(field("blinds_or_straddles"), "[5, 10]");
  assert.equal(field("starting_stacks"), "[8, 100]");
  assert.equal(field("players"), '["Bao\\u007f", "Ana"]');
  assert.deepEqual([...text.matchAll(/^ {2}"(.*)",$/gm)].map((m) => m[1]), ["d dh p1 ????", "d dh p2 ????", "p2 cc", "p1 sm AcTc", "p2 sm", "d db 2c3c4c", "d db 9h", "d db 2s"]);
  assert.equal(field("winnings"), "[16, 0]");
});
