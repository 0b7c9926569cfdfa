// Reading finished hands, and turning one into the views of its replay.
import type { GameStatus } from "../api/common";
import type { RoomEvent } from "../api/events";
import type { HandRecord, HandsAnswer, LobbyView } from "../api/rooms";
import { get } from "../net/http";
import { knownRoom, session } from "../net/session";
import { Chronicle } from "../store/chronicle";
import { reduce } from "../store/reduce";
import { view } from "../store/room";
import { emptySeat, PREFERENCES, type SeatView, type View } from "../store/view";
import { DEFAULTS } from "../lobby/defaults";

export interface RoomOf {
  id: string;
  name: string;
  seats: number;
  names: Record<string, string>;
}
export async function roomOf(code: string): Promise<RoomOf> {
  const lobby = await get<LobbyView>(`/api/rooms/code/${encodeURIComponent(code)}`);
  const names: Record<string, string> = view.peek()?.code === code ? { ...view.peek()!.names } : {};
  for (const s of lobby.seats) if (s.userId && s.displayName) names[s.userId] = s.displayName;
  return { id: lobby.room.id ?? knownRoom(code)?.roomId, name: lobby.room.name, seats: lobby.room.settings.seats, names };
}
export const hands = (room: string, before: number | null, limit: number): Promise<HandsAnswer> =>
  get<HandsAnswer>(`/api/rooms/${room}/hands?limit=${limit}${before === null ? "" : `&before=${before}`}`);

export async function handNo(room: string, n: number): Promise<HandRecord | null> {
  const [hand] = (await hands(room, n + 1, 1)).hands;
  return hand && hand.handNumber === n ? get<HandRecord>(`/api/hands/${hand.handId}`) : null;
}

/** The view before the first event, then one after each: what this reader was allowed to see at that moment. */
export function replay(record: HandRecord, room: RoomOf, code: string): { views: View[]; events: RoomEvent[] } {
  const h = record.hand;
  const mine = session.peek()?.userId ?? "";
  const count = Math.max(room.seats, ...h.seats.map((s) => s.seat_index + 1));
  const names = { ...room.names };
  for (const s of h.seats) names[s.user_id] = s.display_name;
  const seats = Array.from({ length: count }, (_, i): SeatView => {
    const s = h.seats.find((x) => x.seat_index === i);
    return s
      ? { ...emptySeat(i), userId: s.user_id, name: s.display_name, chips: s.chips, status: "active", online: true }
      : emptySeat(i);
  });
  const events = [...record.events].sort((a, b) => a.seq - b.seq);
  const seat = h.seats.find((s) => s.user_id === mine)?.seat_index ?? null;
  let now: View = {
    epoch: "",
    seq: (events[0]?.seq ?? 1) - 1,
    roomId: room.id,
    code,
    name: room.name,
    hostId: "",
    roomStatus: "open",
    hasPassword: false,
    settings: { ...DEFAULTS, seats: count, smallBlind: h.small_blind, bigBlind: h.big_blind, ante: h.ante },
    gameId: "",
    gameStatus: "active" as GameStatus,
    ending: false,
    handNumber: h.number,
    variant: h.variant,
    nextVariant: null,
    handsToNextVariant: null,
    nextBombPot: null,
    nextHandAt: null,
    hand: null,
    seats,
    timer: null,
    me: {
      userId: mine,
      name: names[mine] ?? "",
      role: seat === null ? "spectator" : "player",
      status: "approved",
      isHost: false,
      seat,
      cards: null,
      label: null,
      legal: null,
      bankSecs: null,
      waitingChips: 0,
      preferences: PREFERENCES,
    },
    spectatorCount: 0,
    requests: [],
    members: [],
    banned: [],
    log: [],
    names,
  };
  const chronicle = new Chronicle(() => ({ userId: mine, isHost: false, names }));
  const views = events.map((e) => {
    chronicle.add(e);
    now = { ...reduce(now, e), log: chronicle.lines };
    // No clock runs in a replay, and nothing can be done in it.
    return {
      ...now,
      nextHandAt: null,
      timer: now.timer && { ...now.timer, deadlineAt: null, expiresAt: null },
      me: { ...now.me, legal: null },
    };
  });
  return { views, events };
}

/** The letter over the scrubber where a street begins. */
export function marks(events: RoomEvent[]): { at: number; letter: string; name: string }[] {
  const found: { at: number; letter: string; name: string }[] = [];
  events.forEach((e, at) => {
    if (e.type === "hand_started") found.push({ at, letter: "P", name: "Pre-flop" });
    if (e.type === "street_advanced")
      found.push({ at, letter: e.street[0]!.toUpperCase(), name: e.street[0]!.toUpperCase() + e.street.slice(1) });
    if (e.type === "run_dealt") found.push({ at, letter: String(e.run + 1), name: `Run ${e.run + 1}` });
    if (e.type === "hand_complete") found.push({ at, letter: "E", name: "Result" });
  });
  return found;
}
