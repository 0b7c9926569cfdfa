// A finished hand as a PHH file (github.com/uoftcprg/phh-std): TOML that other poker software reads.
// It says what its reader was allowed to see: cards that were never shown are "????".
import type { Card } from "../api/common";
import type { HandComplete, HandStarted, RoomEvent } from "../api/events";
import type { HandRecord } from "../api/rooms";
import { rankOf, suitOf } from "../i18n/format";

const UNSEEN = "????";
const cardCode = (c: Card): string => (rankOf(c) === "10" ? "T" : rankOf(c)) + suitOf(c)[0]!;
const cardCodes = (cards: readonly Card[]): string => cards.map(cardCode).join("");

/** A TOML basic string; JSON escapes the same way, but for one character. */
const quoted = (text: string): string => JSON.stringify(text).replaceAll("\u007f", "\\u007f");
const list = (values: readonly (string | number)[]): string => `[${values.map((v) => (typeof v === "string" ? quoted(v) : String(v))).join(", ")}]`;

/** What the record itself doesn't say: the table, and whose own cards are in it. */
export interface Told {
  table: string;
  seatCount: number;
  reader: string;
}

/** The file's text, or null for a hand that hasn't ended. */
export function toPhh(record: HandRecord, { table, seatCount, reader }: Told): string | null {
  const events = [...record.events].sort((a, b) => a.seq - b.seq);
  const started = events.find((e) => e.type === "hand_started");
  const ended = events.find((e) => e.type === "hand_complete");
  if (!started || !ended) return null;
  const { hand } = record;
  const players = order(record);
  const at = (seat: number) => players.findIndex((p) => p.seat_index === seat);
  const finish = new Map(ended.chips.map((c) => [c.seatIndex, c.chips]));
  const won = (seat: number) => ended.winners.filter((w) => w.seatIndex === seat).reduce((sum, w) => sum + w.amount, 0);
  const began = new Date(hand.started_at);
  const fields: [string, string][] = [
    ["variant", quoted("NT")],
    ["antes", list(players.map(() => hand.ante))],
    ["blinds_or_straddles", list(blinds(started, players.length, at))],
    ["min_bet", String(hand.big_blind)],
    ["starting_stacks", list(players.map((p) => p.chips))],
    ["actions", `[\n${actions(events, ended, players, reader).map((a) => `  ${quoted(a)},\n`).join("")}]`],
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
  return fields.map(([name, value]) => `${name} = ${value}\n`).join("");
}

type Player = HandRecord["hand"]["seats"][number];

/** PHH counts players from the button's left; the button is the last. */
function order(record: HandRecord): Player[] {
  const { seats, button_seat } = record.hand;
  const sorted = [...seats].sort((a, b) => a.seat_index - b.seat_index);
  return [...sorted.filter((s) => s.seat_index > button_seat), ...sorted.filter((s) => s.seat_index <= button_seat)];
}

/** Full blinds even where somebody had less: a reader knows that from the stacks. Heads-up, PHH swaps the two by itself. */
function blinds(e: HandStarted, count: number, at: (seat: number) => number): number[] {
  const full = { small_blind: e.smallBlind, big_blind: e.bigBlind, ante: 0 };
  const posted = Array.from({ length: count }, () => 0);
  for (const b of e.blinds) if (b.kind !== "ante" && posted[at(b.seatIndex)] !== undefined) posted[at(b.seatIndex)] = full[b.kind];
  return count === 2 ? posted.reverse() : posted;
}

function actions(events: readonly RoomEvent[], ended: HandComplete, players: readonly Player[], reader: string): string[] {
  const seats = players.map((p) => p.seat_index);
  const who = (seat: number): string => `p${seats.indexOf(seat) + 1}`;
  const told: string[] = [];
  const live = new Set(seats);
  let price = 0;
  let board = 0;
  let showdown = false;
  const show = () => {
    if (showdown || live.size < 2) return;
    showdown = true;
    for (const s of ended.shown) told.push(`${who(s.seatIndex)} sm ${cardCodes(s.cards)}`);
    for (const seat of seats) if (live.has(seat) && !ended.shown.some((s) => s.seatIndex === seat)) told.push(`${who(seat)} sm`);
  };
  for (const e of events) {
    switch (e.type) {
      case "hand_started":
        for (const p of players) told.push(`d dh ${who(p.seat_index)} ${p.user_id === reader && e.yourCards ? cardCodes(e.yourCards) : UNSEEN}`);
        price = Math.max(e.bigBlind, ...e.seats.map((s) => s.bet));
        break;
      case "player_action":
        if (e.action === "FOLD") {
          live.delete(e.seatIndex);
          told.push(`${who(e.seatIndex)} f`);
        } else told.push(e.bet > price ? `${who(e.seatIndex)} cbr ${e.bet}` : `${who(e.seatIndex)} cc`);
        price = Math.max(price, e.bet);
        break;
      case "street_advanced":
        // Nobody could bet on the street before this one: all-in hands are open, and the rest of the board runs out.
        if (!e.timer) show();
        told.push(`d db ${cardCodes(e.board.slice(board))}`);
        board = e.board.length;
        price = 0;
        break;
      case "hand_complete":
        show();
    }
  }
  return told;
}
