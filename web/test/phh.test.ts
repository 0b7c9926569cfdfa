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
    id: "h1",
    number: 7,
    started_at: Date.UTC(2026, 10, 24, 9, 5, 7),
    completed_at: null,
    button_seat: 0,
    small_blind: 1,
    big_blind: 2,
    ante: 0,
    variant: "nlhe",
    rules: 2,
    button_blind: 0,
    boards: [],
    seats: [seat(0, 200, "Ana"), seat(1, 200, "Bao"), seat(2, 200, "Cem")],
    board: ["clubs_2", "clubs_3", "clubs_4"],
    pot: 13,
  },
  events: HAND,
};

test("a hand is written from the button's left, with the reader's cards and nobody else's", () => {
  assert.equal(
    toPhh(three, TOLD),
    `variant = "NT"
ante_trimming_status = true
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

/** The same hand with something else about its start, and with more events. */
const begunAs = (change: Partial<Extract<RoomEvent, { type: "hand_started" }>>, more: RoomEvent[] = []): string | null => {
  const [start, ...rest] = HAND as [Extract<RoomEvent, { type: "hand_started" }>, ...RoomEvent[]];
  return toPhh({ ...three, events: [{ ...start, ...change }, ...rest, ...more] }, TOLD);
};
test("a straddle is due like a blind, and a dead small blind leaves the big blind the first place", () => {
  const blinds = (text: string | null) => /^blinds_or_straddles = (.*)$/m.exec(text ?? "")?.[1];
  const posts = [
    { seatIndex: 1, kind: "small_blind" as const, amount: 1 },
    { seatIndex: 2, kind: "big_blind" as const, amount: 2 },
  ];
  assert.equal(blinds(begunAs({ blinds: [...posts, { seatIndex: 0, kind: "straddle", amount: 4 }] })), "[1, 2, 4]");
  assert.equal(blinds(begunAs({ blinds: [{ seatIndex: 1, kind: "big_blind", amount: 2 }] })), "[2, 0, 0]");
});
test("what PHH can't say is not written", () => {
  assert.equal(begunAs({ kind: "bomb_pot" }), null);
  assert.equal(begunAs({ boardCount: 2 }), null);
  assert.equal(begunAs({ blinds: [{ seatIndex: 0, kind: "posted_big_blind", amount: 2 }] }), null);
  const run: RoomEvent = { seq: 20, roomId: ROOM, at: 1, type: "run_dealt", handId: "h1", run: 0, board: [] };
  assert.equal(begunAs({}, [run]), null);
});

test("a hand that is still being played is not written", () => {
  assert.equal(toPhh({ ...three, events: HAND.slice(0, -1) }, TOLD), null);
});

test("heads-up, the blinds change places, and all-in hands are shown before the board runs out", () => {
  const common = (seq: number) => ({ seq, roomId: ROOM, at: 1000 + seq });
  const boards: Card[][] = [
    ["clubs_2", "clubs_3", "clubs_4"],
    ["clubs_2", "clubs_3", "clubs_4", "hearts_9"],
    ["clubs_2", "clubs_3", "clubs_4", "hearts_9", "spades_2"],
  ];
  const streets = ["flop", "turn", "river"] as const;
  const timer = { actorSeat: 0, turn: 1, startedAt: 1, deadlineAt: null, timebankRemaining: 0, expiresAt: null };
  const events: RoomEvent[] = [
    {
      ...common(1),
      type: "hand_started",
      handId: "h2",
      handNumber: 8,
      variant: "nlhe",
      rules: 2,
      kind: "ordinary",
      boardCount: 1,
      buttonDead: false,
      smallBlindSeat: null,
      bigBlindSeat: null,
      buttonBlind: 0,
      buttonSeat: 0,
      smallBlind: 5,
      bigBlind: 10,
      ante: 1,
      pot: 17,
      blinds: [
        { seatIndex: 0, kind: "ante", amount: 1 },
        { seatIndex: 1, kind: "ante", amount: 1 },
        { seatIndex: 0, kind: "small_blind", amount: 5 },
        { seatIndex: 1, kind: "big_blind", amount: 7 },
      ],
      seats: [
        { seatIndex: 0, userId: user(0), chips: 94, bet: 5 },
        { seatIndex: 1, userId: user(1), chips: 0, bet: 7 },
      ],
      timer,
      commitment: null,
    },
    {
      ...common(2),
      type: "player_action",
      userId: user(0),
      seatIndex: 0,
      street: "preflop",
      action: "CALL",
      amount: 2,
      chips: 92,
      bet: 7,
      pot: 16,
      auto: false,
      turn: 1,
      returned: null,
      timer: null,
    },
    ...boards.map(
      (board, i): RoomEvent => ({
        ...common(3 + i),
        type: "street_advanced",
        boards: [],
        street: streets[i]!,
        board,
        pots: [{ amount: 16, eligibleSeats: [0, 1] }],
        timer: null,
      }),
    ),
    {
      ...common(6),
      type: "pot_distributed",
      parts: [],
      potIndex: 0,
      amount: 16,
      winners: [{ userId: user(1), seatIndex: 1, amount: 16 }],
    },
    {
      ...common(7),
      type: "hand_complete",
      boards: [],
      handId: "h2",
      board: boards[2]!,
      winners: [{ userId: user(1), seatIndex: 1, amount: 16, handRank: "Flush" }],
      shown: [{ seatIndex: 1, cards: ["clubs_A", "clubs_10"], handRank: "Flush", ranks: [] }],
      chips: [
        { seatIndex: 0, chips: 92 },
        { seatIndex: 1, chips: 16 },
      ],
      nextHandAt: null,
    },
  ];
  const text = toPhh(
    {
      hand: {
        ...three.hand,
        number: 8,
        small_blind: 5,
        big_blind: 10,
        ante: 1,
        seats: [seat(0, 100, "Ana"), seat(1, 8, "Bao\u007f")],
      },
      events,
    },
    TOLD,
  );
  assert(text);
  const field = (name: string) => new RegExp(`^${name} = (.*)$`, "m").exec(text)?.[1];
  assert.equal(field("antes"), "[1, 1]");
  assert.equal(field("blinds_or_straddles"), "[5, 10]");
  assert.equal(field("starting_stacks"), "[8, 100]");
  assert.equal(field("players"), '["Bao\\u007f", "Ana"]');
  assert.deepEqual(
    [...text.matchAll(/^ {2}"(.*)",$/gm)].map((m) => m[1]),
    ["d dh p1 ????", "d dh p2 ????", "p2 cc", "p1 sm AcTc", "p2 sm", "d db 2c3c4c", "d db 9h", "d db 2s"],
  );
  assert.equal(field("winnings"), "[16, 0]");
});

/** A hand from what was done: `seat action [bet]`, "out" for a fold out of turn; streets by their names, "!" for one on which nobody can bet. */
function played(stacks: number[], button: number, ante: number, script: string[], shown: number[] = []): HandRecord {
  const count = stacks.length;
  const chips = stacks.map((c) => c - Math.min(c, ante));
  const bets = stacks.map(() => 0);
  const put = (at: number, to: number) => {
    chips[at]! -= to - bets[at]!;
    bets[at] = to;
  };
  const left = (n: number) => (button + n) % count;
  const [small, big] = count === 2 ? [button, left(1)] : [left(1), left(2)];
  put(small, Math.min(1, chips[small]!));
  put(big, Math.min(2, chips[big]!));
  const blinds = [
    [small, "small_blind", bets[small]],
    [big, "big_blind", bets[big]],
  ] as const;
  let seq = 1;
  const common = () => ({ seq: seq++, roomId: ROOM, at: 1000 });
  const timer = { actorSeat: 0, turn: 1, startedAt: 1, deadlineAt: null, timebankRemaining: 0, expiresAt: null };
  const events: RoomEvent[] = [
    {
      ...common(),
      type: "hand_started",
      handId: "h",
      handNumber: 1,
      variant: "nlhe",
      rules: 2,
      kind: "ordinary",
      boardCount: 1,
      buttonDead: false,
      smallBlindSeat: null,
      bigBlindSeat: null,
      buttonBlind: 0,
      buttonSeat: button,
      smallBlind: 1,
      bigBlind: 2,
      ante,
      pot: 0,
      timer,
      commitment: null,
      blinds: blinds.filter((b) => b[2]! > 0).map(([seatIndex, kind, amount]) => ({ seatIndex, kind, amount: amount! })),
      seats: stacks.map((_, i) => ({ seatIndex: i, userId: user(i), chips: chips[i]!, bet: bets[i]! })),
    },
  ];
  const board: Card[] = ["clubs_2", "clubs_3", "clubs_4", "hearts_9", "spades_2"];
  const streets = ["preflop", "flop", "turn", "river"] as const;
  let street = 0;
  for (const line of script) {
    const [word, action, to] = line.split(" ");
    const at = Number(word);
    if (Number.isNaN(at)) {
      street += 1;
      bets.fill(0);
      events.push({
        ...common(),
        type: "street_advanced",
        boards: [],
        street: streets[street]!,
        board: board.slice(0, street + 2),
        pots: [],
        timer: word!.endsWith("!") ? null : timer,
      });
    } else {
      if (to) put(at, Number(to));
      const kind = action === "out" ? "FOLD" : (action!.toUpperCase() as "FOLD" | "CHECK" | "CALL" | "RAISE");
      events.push({
        ...common(),
        type: "player_action",
        userId: user(at),
        seatIndex: at,
        street: streets[street]!,
        action: kind,
        amount: 0,
        chips: chips[at]!,
        bet: bets[at]!,
        pot: 0,
        auto: action === "out",
        turn: action === "out" ? null : seq,
        returned: null,
        timer: null,
      });
    }
  }
  events.push({
    ...common(),
    type: "hand_complete",
    boards: [],
    handId: "h",
    board: board.slice(0, street && street + 2),
    winners: [],
    nextHandAt: null,
    shown: shown.map((seatIndex) => ({ seatIndex, cards: ["clubs_A", "clubs_10"] as Card[], handRank: "Flush", ranks: [] })),
    chips: stacks.map((c, seatIndex) => ({ seatIndex, chips: c })),
  });
  return { hand: { ...three.hand, button_seat: button, ante, seats: stacks.map((c, i) => seat(i, c, `P${i}`)) }, events };
}
const lines = (record: HandRecord) =>
  [...toPhh(record, TOLD)!.matchAll(/^ {2}"(.*)",$/gm)].map((m) => m[1]!).filter((a) => !a.startsWith("d dh"));
const comment = (record: HandRecord) => /^_comment = (.*)$/m.exec(toPhh(record, TOLD)!)?.[1] ?? null;

test("who leaves out of turn folds when their turn comes round", () => {
  // Seat 1 (p1, the small blind) leaves while the button thinks.
  const hand = played([200, 200, 200], 0, 0, ["1 out", "0 call 2", "2 check", "flop", "2 check", "0 fold"]);
  assert.deepEqual(lines(hand), ["p3 cc", "p1 f", "p2 cc", "d db 2c3c4c", "p2 cc", "p3 f"]);
  assert.equal(comment(hand), null);
});

test("who leaves after they have acted folds on the next street, or when a raise asks them again", () => {
  const next = played([200, 200, 200], 0, 0, ["0 call 2", "1 call 2", "1 out", "2 check", "flop", "2 check", "0 fold"]);
  assert.deepEqual(lines(next), ["p3 cc", "p1 cc", "p2 cc", "d db 2c3c4c", "p1 f", "p2 cc", "p3 f"]);
  const raised = played([200, 200, 200], 0, 0, [
    "0 call 2",
    "1 call 2",
    "0 out",
    "2 raise 6",
    "1 call 6",
    "flop",
    "1 check",
    "2 raise 10",
    "1 fold",
  ]);
  assert.deepEqual(lines(raised), ["p3 cc", "p1 cc", "p2 cbr 6", "p3 f", "p1 cc", "d db 2c3c4c", "p1 cc", "p2 cbr 10", "p1 f"]);
  assert.deepEqual([comment(next), comment(raised)], [null, null]);
});

test("who leaves last on a street folds at its end", () => {
  const hand = played([200, 200, 200], 0, 0, ["0 call 2", "2 out", "1 call 2", "flop", "1 check", "0 fold"]);
  assert.deepEqual(lines(hand), ["p3 cc", "p1 cc", "p2 f", "d db 2c3c4c", "p1 cc", "p3 f"]);
});

test("the board of an all-in hand runs out after those who have gone have folded", () => {
  // p3 is all-in, p1 has called and gone, p2 calls: on the flop p1 folds, and p2 has nobody to bet against.
  const hand = played([20, 200, 200], 0, 0, ["0 raise 20", "1 call 20", "1 out", "2 call 20", "flop!", "turn!", "river!"], [2]);
  assert.deepEqual(lines(hand), [
    "p3 cbr 20",
    "p1 cc",
    "p2 cc",
    "d db 2c3c4c",
    "p1 f",
    "p2 cc",
    "p2 sm AcTc",
    "p3 sm",
    "d db 9h",
    "d db 2s",
  ]);
  assert.equal(comment(hand), null);
});

test("a hand that a departure ends before the player to act has acted says so", () => {
  const hand = played([200, 200], 0, 0, ["1 out"]);
  assert.deepEqual(lines(hand), ["p1 f"]);
  assert(comment(hand)?.includes("p1 left out of turn"));
  const four = played([200, 200, 200], 0, 0, ["0 raise 6", "0 out", "1 fold"]);
  assert(comment(four)?.includes("p3 left out of turn"));
});

test("a call of all of a big blind that was short is named, a call of what was bet is not", () => {
  const called = played([200, 200, 3], 0, 2, ["0 call 2", "1 call 2", "flop", "1 check", "0 fold"]);
  assert(comment(called)?.includes("The big blind was short"));
  assert.equal(comment(played([200, 200, 3], 0, 2, ["0 raise 8", "1 fold"])), null);
  assert.equal(comment(played([3, 200, 3], 0, 2, ["0 call 1", "1 call 2"]))?.includes("short"), true);
});

test("blinds are what is due, also of a player whom the ante leaves nothing", () => {
  const field = (record: HandRecord, name: string) => new RegExp(`^${name} = (.*)$`, "m").exec(toPhh(record, TOLD)!)?.[1];
  const three = played([200, 200, 2], 0, 2, ["0 fold", "1 fold"]);
  assert.deepEqual(
    [field(three, "antes"), field(three, "blinds_or_straddles"), field(three, "starting_stacks")],
    ["[2, 2, 2]", "[1, 2, 0]", "[200, 2, 200]"],
  );
  assert.equal(field(played([200, 2], 0, 2, ["0 fold"]), "blinds_or_straddles"), "[1, 2]");
  assert.equal(field(played([200, 1, 200], 0, 2, ["0 fold"]), "blinds_or_straddles"), "[1, 2, 0]");
});
