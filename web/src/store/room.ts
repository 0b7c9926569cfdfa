// The room we are in: which screen, the view, and how events and snapshots get into it.
import { computed, signal } from "@preact/signals";
import type { RoomEvent } from "../api/events";
import type { Hydration } from "../api/hydrate";
import type { EventsAnswer, JoinAnswer, LobbyView, MyRooms, MyStatus } from "../api/rooms";
import { learn } from "../net/clock";
import { ApiError, get, post, spareToken } from "../net/http";
import { type Authenticated, Line, type LineState } from "../net/line";
import { keepRoom, knownRoom, session } from "../net/session";
import { TabClaim } from "../net/tabs";
import { Chronicle } from "./chronicle";
import { fromHydration, withEnding } from "./from-hydration";
import { reduce } from "./reduce";
import { handRuns, myTurn, type View } from "./view";

export type Gone = "not_found" | "banned" | "kicked" | "closed" | "full" | "rejected" | "left" | "expired";
export type Stage =
  | { at: "loading" }
  | { at: "away" }
  | { at: "sign_in" }
  | { at: "join"; lobby: LobbyView }
  | { at: "pending"; lobby: LobbyView | null; since: number }
  | { at: "table" }
  | { at: "gone"; why: Gone };

export const stage = signal<Stage>({ at: "loading" });
export const view = signal<View | null>(null);
export const line = signal<Line | null>(null);
export const lineState = computed<LineState>(() => line.value?.state.value ?? "off");
/** Controls work only on a line we can trust; a slow one is fine, because an action carries an id. */
export const lineUp = computed(() => lineState.value === "live" || lineState.value === "slow");

/** `late`: a snapshot was faster, so `before` and `after` are the same. */
type Listener = (before: View, after: View, e: RoomEvent, live: boolean, late: boolean) => void;
const listeners = new Set<Listener>();
export const onEvent = (f: Listener): void => void listeners.add(f);

let code = "";
let roomId = "";
let rejoinToken: string | null = null;
let bearerDead = false; // the sign-in ran out at the table; the room's own token carries us on
let tabs: TabClaim | null = null;
let liveFrom = 0; // events up to this number are being replayed: shown, but without motion and sound
let generation = 0; // a room that was left must not write into the next one
let poll: ReturnType<typeof setTimeout> | undefined;
const newChronicle = (): Chronicle =>
  new Chronicle(() => ({
    userId: session.peek()?.userId ?? "",
    isHost: view.peek()?.me.isHost ?? false,
    names: view.peek()?.names ?? {},
  }));
let chronicle = newChronicle();
/** Whoever asked to watch is taken to the rail as soon as the host says yes. */
export const wantsToWatch = signal(false);

export const currentRoomId = (): string => roomId;
export const roomPath = (rest: string): string => `/api/rooms/${roomId}${rest}`;

export async function enter(nextCode: string): Promise<void> {
  leaveScreen();
  const mine = ++generation;
  code = nextCode;
  stage.value = { at: "loading" };
  const known = knownRoom(code);
  if (!session.peek()) {
    stage.value = { at: "sign_in" };
    return;
  }
  if (known && known.userId === session.peek()?.userId) {
    roomId = known.roomId;
    rejoinToken = known.rejoinToken;
    if (await sitDown(mine)) return;
  }
  if (mine === generation) await knock(mine);
}

/** Asks the server where we stand in this room, and shows the screen for it. */
async function knock(mine: number, attempt = 0): Promise<void> {
  try {
    const lobby = await get<LobbyView>(`/api/rooms/code/${encodeURIComponent(code)}`);
    if (mine !== generation) return;
    roomId = lobby.room.id;
    if (lobby.room.status === "closed") return goneFor("closed");
    if (lobby.banned) return goneFor("banned");
    const known = (await get<MyRooms>("/api/rooms")).rooms.find((r) => r.id === roomId);
    const member = known?.memberStatus === "approved" || known?.memberStatus === "pending";
    const me = member ? await get<MyStatus>(roomPath("/me")) : null;
    if (mine !== generation) return;
    follow(mine, lobby, me);
  } catch (e) {
    if (mine !== generation) return;
    if (e instanceof ApiError && e.maybeLater) {
      stage.value = { at: "away" };
      poll = setTimeout(() => void knock(mine, attempt + 1), Math.min(5000, 500 * 2 ** attempt) * (0.7 + 0.6 * Math.random()));
    } else refused(e instanceof ApiError ? e.code : "BAD_REQUEST");
  }
}

function follow(mine: number, lobby: LobbyView | null, me: MyStatus | null): void {
  switch (me?.status) {
    case "approved":
      rejoinToken = me.rejoinToken ?? rejoinToken;
      remember();
      void sitDown(mine).then((sat) => {
        if (!sat && mine === generation && stage.peek().at !== "gone") void knock(mine, 2);
      });
      return;
    case "pending":
      return wait(mine, lobby);
    case "banned":
      return goneFor("banned");
    case "rejected":
      return goneFor("rejected");
    default:
      if (lobby) stage.value = { at: "join", lobby };
  }
}

export async function ask(displayName: string, password: string | null): Promise<void> {
  const mine = generation;
  const lobby = stage.peek();
  const answer = await post<JoinAnswer>(roomPath("/join"), { displayName, ...(password ? { password } : {}) }).catch(
    (e: unknown) => {
      if (!(e instanceof ApiError)) throw e;
      if (e.code === "ALREADY_IN_ROOM") return null;
      if (["BANNED", "ROOM_CLOSED", "ROOM_FULL", "ROOM_NOT_FOUND"].includes(e.code)) refused(e.code);
      throw e;
    },
  );
  if (!answer) return knock(mine);
  if (mine !== generation) return;
  const status = answer.status;
  follow(mine, lobby.at === "join" ? lobby.lobby : null, {
    status,
    role: null,
    seatIndex: null,
    rejoinToken: answer.rejoinToken ?? null,
    isHost: false,
  });
}

/** Back to the door after a refusal, a kick or leaving. */
export async function askAgain(): Promise<void> {
  leaveScreen();
  const mine = ++generation;
  stage.value = { at: "loading" };
  try {
    const lobby = await get<LobbyView>(`/api/rooms/code/${encodeURIComponent(code)}`);
    if (mine !== generation) return;
    roomId = lobby.room.id;
    if (lobby.room.status === "closed") return goneFor("closed");
    if (lobby.banned) return goneFor("banned");
    stage.value = { at: "join", lobby };
  } catch {
    if (mine === generation) await knock(mine);
  }
}

function wait(mine: number, lobby: LobbyView | null): void {
  const now = stage.peek();
  stage.value = { at: "pending", lobby, since: now.at === "pending" ? now.since : Date.now() };
  openLine(mine);
  const check = async () => {
    if (mine !== generation || stage.peek().at !== "pending") return;
    const me = await get<MyStatus>(roomPath("/me")).catch(() => null);
    if (mine !== generation || stage.peek().at !== "pending") return;
    if (me && me.status !== "pending") return follow(mine, lobby, me);
    poll = setTimeout(check, lineUp.peek() ? 10_000 : 3000);
  };
  poll = setTimeout(check, 3000);
}

async function sitDown(mine: number): Promise<boolean> {
  try {
    await hydrate(mine);
  } catch (e) {
    if (mine !== generation) return true;
    if (e instanceof ApiError && (e.code === "BANNED" || e.code === "ROOM_CLOSED")) {
      refused(e.code);
      return true;
    }
    return false;
  }
  if (mine !== generation) return true;
  stage.value = { at: "table" };
  clearTimeout(poll);
  openLine(mine);
  void fillLog(mine);
  if (wantsToWatch.peek() && view.peek()?.me.role === "approved") {
    wantsToWatch.value = false;
    void post(roomPath("/spectate"), {}).then(
      () => refresh(),
      () => {},
    );
  }
  return true;
}

/** Reads the whole room from the server. Anything older than what we have is dropped. */
async function hydrate(mine: number): Promise<void> {
  const sent = Date.now();
  const doc = await get<Hydration>(roomPath("/hydrate"), { timeoutMs: 6000 });
  if (mine !== generation) return;
  learn(sent, doc.timestamp, Date.now());
  const now = view.peek();
  if (now && now.roomId === doc.room.id && doc.seq < now.seq) return;
  rejoinToken = doc.me.rejoin_token ?? rejoinToken;
  remember();
  if (now && now.epoch !== doc.epoch) chronicle = newChronicle(); // another log, with the same numbers
  view.value = withEnding(fromHydration(doc, now), chronicle.ending);
}

/** How many events back the log goes when a room is opened. */
const LOG_REACH = 300;

/** Fills the log up to the view. Until then it has gaps, but nothing that is wrong. */
async function fillLog(mine: number): Promise<void> {
  const v = view.peek();
  if (!v || mine !== generation || chronicle.last >= v.seq) return;
  try {
    const after = Math.max(chronicle.last, v.seq - LOG_REACH);
    const { events } = await get<EventsAnswer>(roomPath(`/events?after=${after}&limit=${LOG_REACH}`));
    if (mine !== generation) return;
    chronicle.add(...events);
    tell();
  } catch {
    if (mine === generation) setTimeout(() => void fillLog(mine), 3000);
  }
}
/** Shows what the chronicle has come to know. */
function tell(): void {
  const v = view.peek();
  if (v) view.value = withEnding({ ...v, log: chronicle.lines }, chronicle.ending);
}

/** Some things only a snapshot tells: what I may do, what my hand is called. Asked for at most once at a time. */
let refreshing = false;
let again = false;
export async function refresh(): Promise<void> {
  if (refreshing) {
    again = true;
    return;
  }
  refreshing = true;
  const mine = generation;
  try {
    await hydrate(mine);
  } catch {
    if (mine === generation) setTimeout(() => needsMore() && void refresh(), 700);
  }
  refreshing = false;
  if (again || (mine === generation && lineUp.peek() && needsMore())) {
    again = false;
    setTimeout(() => void refresh(), 60);
  }
}
const needsMore = (): boolean => {
  const v = view.peek();
  return v !== null && myTurn(v) && v.gameStatus !== "paused" && !v.me.legal?.sure;
};

/** Whether the document says more than the event: it is asked for again. */
const TELLS_MORE: Record<RoomEvent["type"], boolean> = {
  player_join_requested: false,
  player_approved: false,
  player_rejected: false,
  player_seated: true,
  spectator_joined: false,
  spectator_left: false,
  seat_freed: true,
  player_disconnected: false,
  player_reconnected: false,
  player_sat_out: true,
  player_sat_in: true,
  member_left: false,
  player_kicked: true,
  host_changed: true,
  settings_changed: true,
  chips_adjusted: true,
  game_started: true,
  game_paused: true,
  game_resumed: true,
  game_ended: true,
  hand_started: true,
  player_action: false,
  street_advanced: true,
  pot_distributed: false,
  hand_complete: false,
  unknown: false,
};
function wantsSnapshot(after: View, e: RoomEvent): boolean {
  if (myTurn(after) && !after.me.legal?.sure) return true;
  const seated = after.me.seat !== null && after.seats[after.me.seat]?.inHand === true && !after.seats[after.me.seat]?.folded;
  // Only the name of the own hand: the actor's copy has it.
  if (e.type === "hand_started" || e.type === "street_advanced") return seated && e.handLabel === undefined;
  return TELLS_MORE[e.type] ?? false;
}

function take(e: RoomEvent): void {
  const before = view.peek();
  if (!before) return pendingEvent(e);
  const fresh = chronicle.add(e).length > 0;
  const late = e.seq <= before.seq;
  const live = e.seq > liveFrom;
  if (late) {
    if (fresh) {
      tell();
      for (const f of listeners) f(view.peek() ?? before, view.peek() ?? before, e, live, late);
    }
    return;
  }
  if (e.seq > before.seq + 1) return void fillGap();
  const after = { ...reduce(before, e), log: chronicle.lines };
  view.value = after;
  for (const f of listeners) f(before, after, e, live, late);
  if (e.seq >= liveFrom && lineState.peek() === "catching_up") line.peek()?.caughtUp();
  if ("userId" in e && e.userId === after.me.userId) {
    if (e.type === "player_kicked" || (e.type === "seat_freed" && e.reason === "kicked")) return goneFor("kicked");
    if (e.type === "member_left") return goneFor("left");
  }
  if (e.type === "player_approved" && e.rejoinToken) {
    rejoinToken = e.rejoinToken;
    remember();
  }
  if (live && wantsSnapshot(after, e)) void refresh();
}

function pendingEvent(e: RoomEvent): void {
  if (!("userId" in e) || e.userId !== session.peek()?.userId) return;
  if (e.type === "player_approved")
    follow(generation, null, {
      status: "approved",
      role: null,
      seatIndex: null,
      rejoinToken: e.rejoinToken ?? null,
      isHost: false,
    });
  else if (e.type === "player_rejected") goneFor("rejected");
  else if (e.type === "player_kicked") goneFor("rejected");
}

let filling = false;
async function fillGap(): Promise<void> {
  if (filling) return;
  filling = true;
  const mine = generation;
  try {
    const v = view.peek();
    const missed = v ? await get<EventsAnswer>(roomPath(`/events?after=${v.seq}&epoch=${v.epoch}&limit=200`)) : null;
    if (mine !== generation) return;
    const first = missed?.events[0]?.seq;
    if (missed && v && first === v.seq + 1) for (const e of missed.events) take(e);
    if ((view.peek()?.seq ?? 0) < Math.max(missed?.seq ?? 0, liveFrom)) await hydrate(mine);
    void fillLog(mine);
  } catch (error) {
    if (mine !== generation) return;
    if (error instanceof ApiError && error.code === "EPOCH_CHANGED") void resync();
    else setTimeout(() => void fillGap(), 1000);
  } finally {
    filling = false;
  }
  settle();
}
function settle(): void {
  if ((view.peek()?.seq ?? 0) >= liveFrom) line.peek()?.caughtUp();
}

function openLine(mine: number): void {
  if (line.peek()) return;
  tabs = new TabClaim(roomId, () => line.peek()?.stop("other_tab"));
  tabs.claim();
  const opened = new Line({
    roomId,
    credential: () => {
      const token = bearerDead ? null : session.peek()?.token;
      return token ? { token } : rejoinToken ? { rejoinToken } : null;
    },
    lastSeq: () => view.peek()?.seq,
    epoch: () => view.peek()?.epoch,
    authenticated(f: Authenticated) {
      if (mine !== generation) return;
      liveFrom = f.seq;
      const v = view.peek();
      if (!v || v.seq >= f.seq) opened.caughtUp();
      if (v && v.seq > f.seq) void resync();
      else if (v && f.status === "approved")
        setTimeout(() => mine === generation && (view.peek()?.seq ?? 0) < liveFrom && void fillGap(), 2500);
      if (v) void refresh();
    },
    event: (e) => mine === generation && take(e),
    resync(seq) {
      if (mine !== generation) return;
      liveFrom = seq;
      void resync();
    },
    presence(userId, online) {
      const v = view.peek();
      if (!v) return;
      view.value = {
        ...v,
        seats: v.seats.map((s) => (s.userId === userId ? { ...s, online } : s)),
        members: v.members.map((m) => (m.userId === userId ? { ...m, online } : m)),
      };
    },
    refused: (why) => mine === generation && refused(why),
  });
  line.value = opened;
  opened.start();
}
async function resync(): Promise<void> {
  const mine = generation;
  if (!view.peek()) return line.peek()?.caughtUp(); // still waiting to be let in: there is nothing to read yet
  try {
    const now = view.peek();
    if (now) view.value = { ...now, seq: 0 };
    await hydrate(mine);
    if (mine === generation) settle();
    void fillLog(mine);
  } catch {
    if (mine === generation) setTimeout(() => void resync(), 1000);
  }
}

export function useHere(): void {
  tabs?.claim();
  line.peek()?.start();
}

function refused(why: string): void {
  if (why.startsWith("TOKEN") || why === "UNAUTHENTICATED") {
    if (rejoinToken && view.peek() && !bearerDead) {
      bearerDead = true;
      return line.peek()?.start();
    }
    return goneFor("expired");
  }
  if (why === "NOT_APPROVED" && view.peek()) return goneFor("kicked");
  const known: Record<string, Gone> = {
    ROOM_NOT_FOUND: "not_found",
    BANNED: "banned",
    KICKED: "kicked",
    ROOM_CLOSED: "closed",
    ROOM_FULL: "full",
  };
  goneFor(known[why] ?? "not_found");
}
export function goneFor(why: Gone): void {
  if (why !== "expired") keepRoom(code, null);
  const here = code;
  const room = roomId;
  leaveScreen();
  code = here; // "Ask again" still knows where
  roomId = room;
  stage.value = { at: "gone", why };
  if (why === "kicked" || why === "rejected") void orBlocked(generation);
}
/** Events don't say whether somebody may ask again; the door does. */
async function orBlocked(mine: number): Promise<void> {
  const lobby = await get<LobbyView>(`/api/rooms/code/${encodeURIComponent(code)}`).catch(() => null);
  if (lobby?.banned && mine === generation && stage.peek().at === "gone") stage.value = { at: "gone", why: "banned" };
}

function remember(): void {
  keepRoom(code, { roomId, rejoinToken, userId: session.peek()?.userId ?? "" });
  spareToken(roomPath("/"), rejoinToken);
}

export function leaveScreen(): void {
  generation++;
  clearTimeout(poll);
  line.peek()?.stop();
  tabs?.close();
  tabs = null;
  line.value = null;
  view.value = null;
  chronicle = newChronicle();
  rejoinToken = null;
  bearerDead = false;
  spareToken("", null);
  refreshing = false;
  again = false;
}
export const retry = (): void => void enter(code);
export const isRunning = (): boolean => view.peek() !== null && handRuns(view.peek()!);
