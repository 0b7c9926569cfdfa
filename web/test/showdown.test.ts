// What a hand on two boards, with a low, or run twice was won with: in the view, in the log, and lit on the table.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Card } from "../src/api/common";
import type { RoomEvent } from "../src/api/events";
import { lineOf } from "../src/i18n/log";
import { stateOfPlay } from "../src/i18n/play";
import { Chronicle } from "../src/store/chronicle";
import { reduce } from "../src/store/reduce";
import { hiddenCards, mayHuntRabbit, myQuestion, type View } from "../src/store/view";
import { bestLow } from "../src/table/best-five";
import { whatOf } from "../src/table/Pots";
import { winningCards, winsOf } from "../src/table/showdown";
import { HAND, room, ROOM, user } from "./room";

const common = (seq: number) => ({ seq, roomId: ROOM, at: 1000 + seq });
const FLOP: Card[] = ["clubs_4", "diamonds_7", "hearts_8"];
const BOARDS: Card[][] = [
  [...FLOP, "spades_J", "clubs_10"],
  ["spades_4", "clubs_Q", "hearts_6", "diamonds_9", "diamonds_5"],
];
const ANA: Card[] = ["hearts_A", "spades_2", "clubs_K", "diamonds_3"];
const BAO: Card[] = ["diamonds_J", "hearts_10", "clubs_9", "spades_8"];
const share = (seat: number, amount: number) => ({ userId: user(seat), seatIndex: seat, amount });

const begun = (kind: "ordinary" | "bomb_pot", boardCount: number): RoomEvent => ({
  ...(HAND[0] as Extract<RoomEvent, { type: "hand_started" }>),
  variant: "plo8",
  kind,
  boardCount,
  yourCards: ANA,
  timer: null,
});
const street = (seq: number, boards: Card[][], name: "flop" | "river" = "flop"): RoomEvent => ({
  ...common(seq),
  type: "street_advanced",
  street: name,
  board: boards[0]!,
  boards,
  pots: [{ amount: 300, eligibleSeats: [0, 1] }],
  timer: null,
});
const complete = (seq: number, boards: Card[][], shown: boolean): RoomEvent => ({
  ...common(seq),
  type: "hand_complete",
  handId: "h1",
  board: boards[0]!,
  boards,
  winners: [
    { ...share(0, 186), handRank: shown ? "Two pair, aces and kings" : null },
    { ...share(1, 114), handRank: shown ? "Straight, jack high" : null },
  ],
  shown: shown
    ? [
        {
          seatIndex: 0,
          cards: ANA,
          handRank: "Two pair, aces and kings",
          ranks: [
            { board: 0, high: "Pair of kings", low: "8-7-4-2-A" },
            { board: 1, high: "Two pair, aces and kings", low: "6-5-4-2-A" },
          ],
        },
        {
          seatIndex: 1,
          cards: BAO,
          handRank: "Straight, jack high",
          ranks: [
            { board: 0, high: "Straight, jack high", low: null },
            { board: 1, high: "Two pair, aces and kings", low: null },
          ],
        },
      ]
    : [],
  chips: [],
  nextHandAt: 9000,
});
/** High and low of both boards: Bao and Ana, then both and Ana. */
const HI_LO: RoomEvent[] = [
  begun("bomb_pot", 2),
  street(12, [FLOP, BOARDS[1]!.slice(0, 3)]),
  street(13, BOARDS, "river"),
  {
    ...common(14),
    type: "pot_distributed",
    potIndex: 0,
    amount: 300,
    winners: [share(0, 186), share(1, 114)],
    parts: [
      { board: 0, half: "high", amount: 76, winners: [share(1, 76)] },
      { board: 0, half: "low", amount: 74, winners: [share(0, 74)] },
      { board: 1, half: "high", amount: 76, winners: [share(0, 38), share(1, 38)] },
      { board: 1, half: "low", amount: 74, winners: [share(0, 74)] },
    ],
  },
  complete(15, BOARDS, true),
];
const played = (events: RoomEvent[], from: View = room(0)): View => events.reduce(reduce, from);
const log = (events: RoomEvent[]): string[] => {
  const c = new Chronicle(() => ({ userId: user(0), isHost: false, names: room().names }));
  c.add(...events);
  return c.lines.map((l) => lineOf(l)).map((l) => `${l.who} ${l.text}`.trim());
};

test("each board and each half is told with what it was won with", () => {
  const v = played(HI_LO);
  assert.deepEqual(
    winsOf(v).map((w) => [whatOf(v.hand!, w), w.seats, w.amount, w.rank]),
    [
      ["Board 1, high", [1], 76, "Straight, jack high"],
      ["Board 1, low", [0], 74, "8-7-4-2-A"],
      ["Board 2, high", [0, 1], 76, "Two pair, aces and kings"],
      ["Board 2, low", [0], 74, "6-5-4-2-A"],
    ],
  );
  assert.deepEqual(log(HI_LO).slice(-5), [
    "Bao wins 76 on board 1 for the high with a straight, jack high",
    "You win 74 on board 1 for the low with 8-7-4-2-A",
    "You win 38 on board 2 for the high with two pair, aces and kings",
    "Bao wins 38 on board 2 for the high with two pair, aces and kings",
    "You win 74 on board 2 for the low with 6-5-4-2-A",
  ]);
});

test("who wins every part of a pot wins it in one sentence", () => {
  const scoop = HI_LO.map(
    (e): RoomEvent =>
      e.type === "pot_distributed"
        ? { ...e, winners: [share(0, 300)], parts: e.parts.map((p) => ({ ...p, winners: [share(0, p.amount)] })) }
        : e.type === "hand_complete"
          ? { ...e, winners: [{ ...share(0, 300), handRank: "Two pair, aces and kings" }] }
          : e,
  );
  const v = played(scoop);
  assert.deepEqual(
    winsOf(v).map((w) => [whatOf(v.hand!, w), w.seats, w.amount]),
    [["", [0], 300]],
  );
  assert.equal(log(scoop).at(-1), "You win 300 with two pair, aces and kings");
});

test("on each board the cards of its own winners are lit, high and low", () => {
  const [first, second] = winningCards(played(HI_LO))!;
  for (const c of ["clubs_9", "diamonds_J", "hearts_8"] as Card[]) assert(first!.has(c), `${c} is of Bao's straight`);
  for (const c of ["hearts_A", "spades_2", "clubs_4", "diamonds_7"] as Card[]) assert(first!.has(c), `${c} is of Ana's low`);
  assert(!first!.has("clubs_K"), "nothing that won nothing");
  for (const c of ["hearts_A", "spades_2", "spades_4", "diamonds_5", "hearts_6"] as Card[]) assert(second!.has(c), c);
});

test("a low is the best of five different ranks up to the eight, two of them one's own", () => {
  const low = (own: Card[], board: Card[]) => new Set(bestLow(own, board));
  assert.deepEqual(low(ANA, BOARDS[1]!), new Set(["hearts_A", "spades_2", "spades_4", "diamonds_5", "hearts_6"]));
  assert.deepEqual(
    low(["hearts_A", "spades_2", "clubs_8", "diamonds_8"], BOARDS[0]!),
    new Set(["hearts_A", "spades_2", ...FLOP]),
  );
  assert.deepEqual(
    bestLow(["clubs_K", "clubs_Q", "hearts_A", "hearts_9"], BOARDS[0]!),
    [],
    "one low card of one's own is not enough",
  );
  assert.deepEqual(
    bestLow(["clubs_A", "clubs_2", "hearts_A", "hearts_2"], ["clubs_3", "clubs_4", "clubs_9", "clubs_J", "clubs_Q"]),
    [],
  );
});

const ASKED: RoomEvent[] = [
  begun("ordinary", 1),
  street(12, [FLOP]),
  { ...common(13), type: "runs_asked", handId: "h1", seats: [0, 1], maxRuns: 2, turn: 9, expiresAt: 20_000 },
];
const RUNS: RoomEvent[] = [
  ...ASKED,
  { ...common(14), type: "runs_answered", handId: "h1", seatIndex: 0 },
  { ...common(15), type: "runs_decided", handId: "h1", runs: 2 },
  { ...common(16), type: "run_dealt", handId: "h1", run: 0, board: [...FLOP, "spades_J", "clubs_10"] },
  { ...common(17), type: "run_dealt", handId: "h1", run: 1, board: [...FLOP, "diamonds_9", "diamonds_5"] },
];
test("who is asked how often to run it is asked until they have answered", () => {
  const asked = played(ASKED);
  assert.equal(myQuestion(asked)?.maxRuns, 2);
  assert.equal(myQuestion(played(ASKED, room(2))), null, "only those still in");
  const answered = played(RUNS.slice(0, 4));
  assert.equal(myQuestion(answered), null);
  assert.deepEqual(answered.hand?.question?.answered, [0]);
});
test("each run has a board of its own, from the cards that all of them share", () => {
  const decided = played(RUNS.slice(0, 5));
  assert.deepEqual([decided.hand?.question, decided.hand?.boards], [null, [FLOP, FLOP]]);
  const v = played(RUNS);
  assert.deepEqual(v.hand?.boards, [
    [...FLOP, "spades_J", "clubs_10"],
    [...FLOP, "diamonds_9", "diamonds_5"],
  ]);
  assert.deepEqual(log(RUNS).slice(-4), [
    "How often shall it be run? Ana and Bao are asked",
    "It is run twice",
    "Run 1: jack of spades, 10 of clubs",
    "Run 2: 9 of diamonds, 5 of diamonds",
  ]);
});

/** All fold to Ana on the flop. */
const FOLDED: RoomEvent[] = [
  begun("ordinary", 1),
  street(12, [FLOP]),
  { ...common(14), type: "pot_distributed", potIndex: 0, amount: 13, winners: [share(0, 13)], parts: [] },
  complete(15, [FLOP], false),
];
test("after a hand the own cards may be shown one by one, and what would have come may be asked for once", () => {
  const ana = room(0);
  const v = played(FOLDED, { ...ana, settings: { ...ana.settings, rabbitHunt: "asker" } });
  assert.deepEqual(hiddenCards(v), ANA);
  assert(mayHuntRabbit(v));
  assert(!mayHuntRabbit({ ...v, settings: { ...v.settings, rabbitHunt: "off" } }));
  const shown = reduce(v, { ...common(16), type: "cards_shown", handId: "h1", seatIndex: 0, userId: user(0), cards: [ANA[0]!] });
  assert.deepEqual(hiddenCards(shown), ANA.slice(1));
  const hunted = reduce(shown, { ...common(17), type: "rabbit_shown", handId: "h1", userId: user(0), boards: [BOARDS[0]!] });
  assert(!mayHuntRabbit(hunted));
  assert.deepEqual(hunted.hand?.rabbit, [BOARDS[0]]);
  assert.deepEqual(hunted.hand?.board, FLOP, "the board is what was dealt");
});
test("shown cards, rabbit cards and the bounty are in the log", () => {
  const after: RoomEvent[] = [
    ...FOLDED,
    { ...common(16), type: "cards_shown", handId: "h1", seatIndex: 1, userId: user(1), cards: ["spades_9"] },
    { ...common(17), type: "rabbit_shown", handId: "h1", userId: user(0), boards: [BOARDS[0]!] },
    { ...common(18), type: "rabbit_shown", handId: "h1", userId: user(1) },
    {
      ...common(19),
      type: "bounty_paid",
      handId: "h1",
      userId: user(0),
      seatIndex: 0,
      amount: 20,
      from: [share(1, 10), share(2, 10)],
    },
    { ...common(20), type: "bomb_pot_queued", byUserId: user(2) },
  ];
  assert.deepEqual(log(after).slice(-5), [
    "Bao shows 9 of spades",
    "You hunt the rabbit: jack of spades, 10 of clubs would have come",
    "Bao hunts the rabbit",
    "You get 20 for seven-deuce: 10 from Bao, 10 from Cem",
    "Cem makes the next hand a bomb pot",
  ]);
  assert.equal(played(after).nextBombPot, 1);
});

test("what is played, and what comes next, in a few words", () => {
  const v = room(0);
  assert.equal(stateOfPlay(v), "");
  const turns = { ...v, variant: "plo" as const, nextVariant: "nlhe" as const, handsToNextVariant: 3 };
  assert.equal(stateOfPlay(turns), "Omaha, 3 hands to Hold'em");
  assert.equal(stateOfPlay({ ...v, nextBombPot: 1 }), "bomb pot next");
  assert.equal(stateOfPlay({ ...v, nextBombPot: 4 }), "bomb pot in 4 hands");
  assert.equal(stateOfPlay(played(HI_LO.slice(0, 2))), "Bomb pot, Omaha hi-lo");
});
