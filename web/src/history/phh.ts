// A finished hand as a PHH file (github.com/uoftcprg/phh-std): TOML that other poker software reads.
// It says what its reader was allowed to see: cards that were never shown are "????".
import type { Card } from "../api/common";
import type { HandComplete, HandStarted, PlayerAction, RoomEvent } from "../api/events";
import type { HandRecord } from "../api/rooms";
import type { PostKind, Variant } from "../api/wire";
import { GAMES } from "../i18n/games";
import { rankOf, suitOf } from "../i18n/format";

const unseen = (count: number): string => "??".repeat(count);
const cardCode = (c: Card): string => (rankOf(c) === "10" ? "T" : rankOf(c)) + suitOf(c)[0]!;
const cardCodes = (cards: readonly Card[]): string => cards.map(cardCode).join("");

/** A TOML basic string; JSON escapes the same way, but for one character. */
const quoted = (text: string): string => JSON.stringify(text).replaceAll("\u007f", "\\u007f");
const list = (values: readonly (string | number)[]): string =>
  `[${values.map((v) => (typeof v === "string" ? quoted(v) : String(v))).join(", ")}]`;

/** What the record itself doesn't say: the table, and whose own cards are in it. */
export interface Told {
  table: string;
  seatCount: number;
  reader: string;
}

/** The games that PHH has a code for. */
const CODES: Readonly<Record<Variant, string | null>> = { nlhe: "NT", plo: "PO", plo5: null, plo8: null, shortdeck: "NS" };

/** Whether PHH can say how a hand was played: one board, one run, and nobody who posted late. */
function sayable(events: readonly RoomEvent[], started: HandStarted): boolean {
  const late = started.blinds.some((b) => b.kind === "posted_big_blind" || b.kind === "dead_small_blind");
  return started.kind === "ordinary" && started.boardCount === 1 && !late && !events.some((e) => e.type === "run_dealt");
}

/** The file's text, or null for a hand that hasn't ended, that PHH can't say, or whose game it has no code for. Its `_comment` says so if no program can play the hand again. */
export function toPhh(record: HandRecord, { table, seatCount, reader }: Told): string | null {
  const events = [...record.events].sort((a, b) => a.seq - b.seq);
  const started = events.find((e) => e.type === "hand_started");
  const ended = events.find((e) => e.type === "hand_complete");
  const code = started && CODES[started.variant];
  if (!started || !ended || !code || !sayable(events, started)) return null;
  const { hand } = record;
  const players = order(record);
  const finish = new Map(ended.chips.map((c) => [c.seatIndex, c.chips]));
  const won = (seat: number) => ended.winners.filter((w) => w.seatIndex === seat).reduce((sum, w) => sum + w.amount, 0);
  const began = new Date(hand.started_at);
  const put = (p: Player) => p.chips - (finish.get(p.seat_index) ?? p.chips) + won(p.seat_index);
  const { told, comment } = new Script(players, started, ended, reader).write(events, put);
  const fields: [string, string][] = [
    ["variant", quoted(code)],
    // Everybody owes the same ante: who has less for it plays for as much of the others'.
    ["ante_trimming_status", "true"],
    ["antes", list(players.map(() => hand.ante))],
    [
      "blinds_or_straddles",
      list(
        blinds(
          started,
          players.map((p) => p.seat_index),
        ),
      ),
    ],
    ["min_bet", String(hand.big_blind)],
    ["starting_stacks", list(players.map((p) => p.chips))],
    ["actions", `[\n${told.map((a) => `  ${quoted(a)},\n`).join("")}]`],
    ["time", began.toISOString().slice(11, 19)],
    ["time_zone", quoted("UTC")],
    ["day", String(began.getUTCDate())],
    ["month", String(began.getUTCMonth() + 1)],
    ["year", String(began.getUTCFullYear())],
    ["hand", String(hand.number)],
    ["table", quoted(table)],
    ["seats", list(players.map((p) => p.seat_index + 1))],
    ["seat_count", String(seatCount)],
    ["players", list(players.map((p) => p.display_name))],
    ["finishing_stacks", list(players.map((p) => finish.get(p.seat_index) ?? p.chips))],
    ["winnings", list(players.map((p) => won(p.seat_index)))],
  ];
  if (comment) fields.push(["_comment", quoted(comment)]);
  return fields.map(([name, value]) => `${name} = ${value}\n`).join("");
}

type Player = HandRecord["hand"]["seats"][number];

/** PHH counts players from the button's left; the button is the last. */
function order(record: HandRecord): Player[] {
  const { seats, button_seat } = record.hand;
  const sorted = [...seats].sort((a, b) => a.seat_index - b.seat_index);
  return [...sorted.filter((s) => s.seat_index > button_seat), ...sorted.filter((s) => s.seat_index <= button_seat)];
}

/** The places of the big blind and of those who straddle. With a dead small blind, the big blind is the first one. */
function places(e: HandStarted, seats: readonly number[]): { big: number; straddles: number[] } {
  const of = (kind: PostKind) => e.blinds.filter((b) => b.kind === kind).map((b) => seats.indexOf(b.seatIndex));
  return { big: of("big_blind")[0] ?? 1, straddles: of("straddle") };
}
/** What is due, not what was posted: a reader knows from the stacks who had less. Heads-up, PHH swaps the two by itself. */
function blinds(e: HandStarted, seats: readonly number[]): number[] {
  const due = seats.map(() => 0);
  if (e.buttonBlind) return [...due.slice(1), e.buttonBlind];
  if (seats.length === 2) return [e.smallBlind, e.bigBlind];
  const { big, straddles } = places(e, seats);
  due[big] = e.bigBlind;
  if (big > 0) due[big - 1] = e.smallBlind;
  for (const [i, place] of straddles.entries()) due[place] = e.bigBlind * 2 ** (i + 1);
  return due;
}
/** The place of the first to act before the flop: left of the last blind or straddle. */
function opener(e: HandStarted, seats: readonly number[]): number {
  if (e.buttonBlind) return 0;
  if (seats.length === 2) return 1;
  const { big, straddles } = places(e, seats);
  return (straddles.at(-1) ?? big) + 1;
}

/**
 * The actions in the order in which somebody who deals them again would ask for them.
 *
 * Who leaves is folded at once, also out of turn. In a file they fold when their turn comes round, on this street or a later one.
 */
class Script {
  private readonly told: string[] = [];
  private readonly seats: number[];
  /** Who hasn't folded in the file. */
  private readonly live: Set<number>;
  /** Who has folded out of turn and hasn't been asked since. */
  private readonly gone = new Set<number>();
  private readonly chips = new Map<number, number>();
  private readonly bets = new Map<number, number>();
  /** Who is to be asked on this street, in that order. */
  private queue: number[] = [];
  private price = 0;
  private showdown = false;
  /** Whether somebody has called more than anybody had bet: all of a big blind that was short. */
  private calledMore = false;

  constructor(
    private readonly players: readonly Player[],
    private readonly started: HandStarted,
    private readonly ended: HandComplete,
    private readonly reader: string,
  ) {
    this.seats = players.map((p) => p.seat_index);
    this.live = new Set(this.seats);
    for (const s of started.seats) {
      this.chips.set(s.seatIndex, s.chips);
      this.bets.set(s.seatIndex, s.bet);
    }
  }

  write(events: readonly RoomEvent[], put: (player: Player) => number): { told: string[]; comment: string | null } {
    const { told } = this;
    let board = 0;
    for (const e of events) {
      switch (e.type) {
        case "hand_started":
          for (const p of this.players)
            told.push(
              `d dh ${this.who(p.seat_index)} ${p.user_id === this.reader && e.yourCards ? cardCodes(e.yourCards) : unseen(GAMES[this.started.variant].holeCards)}`,
            );
          this.price = Math.max(e.buttonBlind || e.bigBlind, ...e.seats.map((s) => s.bet));
          this.open(opener(e, this.seats));
          break;
        case "player_action":
          this.act(e);
          break;
        case "street_advanced":
          this.close(!e.timer);
          told.push(`d db ${cardCodes(e.board.slice(board))}`);
          board = e.board.length;
          this.price = 0;
          this.bets.clear();
          this.open(0);
          // Betting would go on with somebody who has gone: they fold before the rest of the board.
          if (!e.timer && this.gone.size) this.close(true);
          break;
        case "hand_complete":
          this.foldGone();
          if (this.gone.size && this.ended.shown.length) this.close(true);
          this.show();
      }
    }
    // Somebody would have to be asked who never was.
    const unasked = [...this.gone].map((seat) => this.who(seat));
    for (const player of unasked) told.push(`${player} f`);
    const comments: string[] = [];
    if (unasked.length)
      comments.push(
        `${unasked.join(", ")} left out of turn, which ended the hand before the player to act had acted: it can't be played again action by action.`,
      );
    if (this.calledMore)
      comments.push(
        "The big blind was short, and a call was for all of it: a program that lowers the price to what was posted can't play the hand again.",
      );
    // What the others bet beyond a player who is all-in is a side pot; with all of its players gone it is the last one's.
    const last = this.live.size === 1 ? this.players.find((p) => this.live.has(p.seat_index)) : undefined;
    if (last && this.players.filter((p) => put(p) > put(last)).length > 1)
      comments.push("All who could win a side pot folded: a program that divides pots by their players can't award it.");
    return { told, comment: comments.join(" ") || null };
  }

  private who(seat: number): string {
    return `p${this.seats.indexOf(seat) + 1}`;
  }

  /** All who can bet, from one place on. */
  private from(place: number): number[] {
    const round = [...this.seats.slice(place), ...this.seats.slice(0, place)];
    return round.filter((seat) => this.live.has(seat) && (this.chips.get(seat) ?? 0) > 0);
  }

  private open(place: number): void {
    const queue = this.from(place % this.seats.length);
    this.queue = queue.length > 1 || queue.some((seat) => this.owes(seat)) ? queue : [];
  }

  private owes(seat: number): boolean {
    return (this.bets.get(seat) ?? 0) < this.price;
  }

  private fold(seat: number): void {
    this.told.push(`${this.who(seat)} f`);
    this.live.delete(seat);
    this.gone.delete(seat);
    this.queue = this.live.size > 1 ? this.queue.filter((s) => s !== seat) : [];
  }

  /** Those whose turn has come. */
  private foldGone(): void {
    for (let next = this.queue[0]; next !== undefined && this.gone.has(next); next = this.queue[0]) this.fold(next);
  }

  private act(e: PlayerAction): void {
    const seat = e.seatIndex;
    if (e.action === "FOLD" && e.turn === null) {
      this.gone.add(seat);
      return;
    }
    this.foldGone();
    this.queue = this.queue.filter((s) => s !== seat);
    if (e.action === "FOLD") this.fold(seat);
    else if (e.bet > this.price) this.told.push(`${this.who(seat)} cbr ${e.bet}`);
    else {
      this.told.push(`${this.who(seat)} cc`);
      this.calledMore ||= e.bet > Math.max(0, ...this.bets.values());
    }
    this.chips.set(seat, e.chips);
    this.bets.set(seat, e.bet);
    if (e.bet > this.price) {
      this.price = e.bet;
      this.queue = this.from((this.seats.indexOf(seat) + 1) % this.seats.length).filter((s) => s !== seat);
    }
    if (e.returned) this.chips.set(e.returned.seatIndex, e.returned.chips);
  }

  /** Ends a street's betting. `over`: nobody can bet any more, so that all-in hands are open and the rest of the board runs out. */
  private close(over: boolean): void {
    const waited = this.gone.size > 0;
    for (let next = this.queue[0]; next !== undefined; next = this.queue[0]) {
      if (this.gone.has(next)) this.fold(next);
      else if (over && waited && !this.owes(next)) {
        // They weren't asked, since those who are gone leave nobody to bet against: a check changes nothing.
        this.told.push(`${this.who(next)} cc`);
        this.queue.shift();
      } else break;
    }
    this.queue = [];
    if (over && !this.gone.size) this.show();
  }

  private show(): void {
    if (this.showdown || this.live.size - this.gone.size < 2) return;
    this.showdown = true;
    const { shown } = this.ended;
    for (const s of shown) this.told.push(`${this.who(s.seatIndex)} sm ${cardCodes(s.cards)}`);
    for (const seat of this.seats)
      if (this.live.has(seat) && !this.gone.has(seat) && !shown.some((s) => s.seatIndex === seat))
        this.told.push(`${this.who(seat)} sm`);
  }
}
