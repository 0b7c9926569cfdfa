// One stay in one room, from its address to leaving: which screen is shown, the view, and how events and snapshots get into it.
// A stay that is over writes nothing any more, whatever is still on its way.
import type { Signal } from "@preact/signals";
import type { RoomEvent } from "../api/events";
import type { Hydration } from "../api/hydrate";
import type { EventsAnswer, JoinAnswer, LobbyView, MyRooms, MyStatus } from "../api/rooms";
import { learn } from "../net/clock";
import { ApiError } from "../net/http";
import type { Authenticated, Connection, ConnectionOwner } from "../net/connection";
import type { KnownRoom } from "../net/session";
import { Chronicle } from "./chronicle";
import { fromHydration, withEnding } from "./from-hydration";
import { reduce } from "./reduce";
import { needsLegal, wantsSnapshot } from "./snapshots";
import type { View } from "./view";

export type Gone = "not_found" | "banned" | "kicked" | "closed" | "full" | "rejected" | "left" | "expired";
export type Stage =
  | { at: "loading" }
  | { at: "away" }
  | { at: "sign_in" }
  | { at: "join"; lobby: LobbyView }
  | { at: "pending"; lobby: LobbyView | null; since: number }
  | { at: "table" }
  | { at: "gone"; why: Gone };

/** `late`: a snapshot was faster, so `before` and `after` are the same. */
export type Listener = (before: View, after: View, e: RoomEvent, live: boolean, late: boolean) => void;

/** What is shown; the pages read it. */
export interface Screen {
  stage: Signal<Stage>;
  view: Signal<View | null>;
  connection: Signal<Connection | null>;
}

/** All that a stay needs of the browser and of the network. */
export interface Surroundings {
  get<T>(path: string, options?: { timeoutMs?: number }): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** Who is signed in. */
  signedIn(): { userId: string; token: string } | null;
  /** What this browser knows of a room from before. */
  known(code: string): KnownRoom | null;
  keep(code: string, room: KnownRoom | null): void;
  /** The token that stands in for a bearer which has run out, for the paths below `prefix`. */
  spare(prefix: string, token: string | null): void;
  connect(owner: ConnectionOwner): Connection;
  /** Takes the room for this tab; `lost` is called when another one takes it. */
  claim(roomId: string, lost: () => void): { claim(): void; close(): void };
  tell: Listener;
}

/** How many events back the log goes when a room is opened. */
const LOG_REACH = 300;
/** How long the events that were missed may take until they are asked for, in ms. */
const REPLAY_MS = 2500;

type Timer = ReturnType<typeof setTimeout>;

export class RoomSession {
  readonly code: string;
  readonly #screen: Screen;
  readonly #out: Surroundings;
  #roomId = "";
  #rejoinToken: string | null = null;
  /** The sign-in ran out at the table; the room's own token carries us on. */
  #bearerDead = false;
  #chronicle: Chronicle;
  #tabs: { claim(): void; close(): void } | null = null;
  /** Events up to this number are being replayed: shown, but without motion and sound. */
  #liveFrom = 0;
  #refreshing = false;
  #again = false;
  #filling = false;
  #wantsToWatch = false;
  #poll: Timer | undefined;
  /** Nothing of this stay is written any more. */
  #over = false;
  /** Another page or room is shown. */
  #closed = false;

  constructor(code: string, screen: Screen, out: Surroundings) {
    this.code = code;
    this.#screen = screen;
    this.#out = out;
    this.#chronicle = this.#newChronicle();
  }

  path(rest: string): string {
    return `/api/rooms/${this.#roomId}${rest}`;
  }

  /** Back to the table where we have been before, else to the door. */
  async enter(): Promise<void> {
    this.#stage({ at: "loading" });
    const me = this.#out.signedIn();
    if (!me) return this.#stage({ at: "sign_in" });
    const known = this.#out.known(this.code);
    if (known?.userId === me.userId) {
      this.#roomId = known.roomId;
      this.#rejoinToken = known.rejoinToken;
      if (await this.#sitDown()) return;
    }
    await this.#look();
  }

  /** To the door after a refusal, a kick or leaving: it is asked for anew, whatever the server remembers. */
  async enterAsNew(): Promise<void> {
    this.#stage({ at: "loading" });
    try {
      const lobby = await this.#lobby();
      if (this.#over) return;
      this.#roomId = lobby.room.id;
      if (!this.#shut(lobby)) this.#stage({ at: "join", lobby });
    } catch {
      await this.#look();
    }
  }

  async ask(displayName: string, password: string | null, watch: boolean): Promise<void> {
    this.#wantsToWatch = watch;
    const door = this.#screen.stage.peek();
    const body = { displayName, ...(password ? { password } : {}) };
    const answer = await this.#out.post<JoinAnswer>(this.path("/join"), body).catch((e: unknown) => {
      if (!(e instanceof ApiError)) throw e;
      if (e.code === "ALREADY_IN_ROOM") return null;
      if (["BANNED", "ROOM_CLOSED", "ROOM_FULL", "ROOM_NOT_FOUND"].includes(e.code)) this.#refused(e.code);
      throw e;
    });
    if (!answer) return this.#look();
    this.#follow(door.at === "join" ? door.lobby : null, {
      ...UNSEATED,
      status: answer.status,
      rejoinToken: answer.rejoinToken ?? null,
    });
  }

  /** Some things only a snapshot tells: what I may do, what my hand is called. Asked for at most once at a time. */
  async refresh(): Promise<void> {
    if (this.#over) return;
    if (this.#refreshing) {
      this.#again = true;
      return;
    }
    this.#refreshing = true;
    try {
      await this.#hydrate();
    } catch {
      this.#later(700, () => this.#needsMore() && void this.refresh());
    }
    this.#refreshing = false;
    const up = this.#screen.connection.peek()?.state.peek();
    if (this.#again || ((up === "live" || up === "slow") && this.#needsMore())) {
      this.#again = false;
      this.#later(60, () => void this.refresh());
    }
  }

  /** Takes the table back from another tab. */
  useHere(): void {
    this.#tabs?.claim();
    this.#screen.connection.peek()?.start();
  }

  /** The stay is over; the page says why. */
  gone(why: Gone): void {
    if (this.#over) return;
    if (why !== "expired") this.#out.keep(this.code, null);
    this.#end();
    this.#stage({ at: "gone", why });
    if (why === "kicked" || why === "rejected") void this.#orBlocked();
  }

  /** Something else is shown from now on. */
  close(): void {
    this.#closed = true;
    this.#end();
  }

  // --- the door ----------------------------------------------------------------------------------

  #lobby(): Promise<LobbyView> {
    return this.#out.get<LobbyView>(`/api/rooms/code/${encodeURIComponent(this.code)}`);
  }
  #shut(lobby: LobbyView): boolean {
    const why = lobby.room.status === "closed" ? "closed" : lobby.banned ? "banned" : null;
    if (why) this.gone(why);
    return why !== null;
  }

  /** Asks the server where we stand in this room, and shows the screen for it. */
  async #look(attempt = 0): Promise<void> {
    if (this.#over) return;
    try {
      const lobby = await this.#lobby();
      if (this.#over) return;
      this.#roomId = lobby.room.id;
      if (this.#shut(lobby)) return;
      const known = (await this.#out.get<MyRooms>("/api/rooms")).rooms.find((r) => r.id === this.#roomId);
      const member = known?.memberStatus === "approved" || known?.memberStatus === "pending";
      const me = member ? await this.#out.get<MyStatus>(this.path("/me")) : null;
      this.#follow(lobby, me);
    } catch (e) {
      if (!(e instanceof ApiError && e.maybeLater)) return this.#refused(e instanceof ApiError ? e.code : "BAD_REQUEST");
      this.#stage({ at: "away" });
      const wait = Math.min(5000, 500 * 2 ** attempt) * (0.7 + 0.6 * Math.random());
      this.#poll = this.#later(wait, () => void this.#look(attempt + 1));
    }
  }

  #follow(lobby: LobbyView | null, me: MyStatus | null): void {
    if (this.#over) return;
    switch (me?.status) {
      case "approved":
        this.#rejoinToken = me.rejoinToken ?? this.#rejoinToken;
        this.#remember();
        void this.#sitDown().then((sat) => {
          if (!sat) void this.#look(2);
        });
        return;
      case "pending":
        return this.#wait(lobby);
      case "banned":
        return this.gone("banned");
      case "rejected":
        return this.gone("rejected");
      default:
        if (lobby) this.#stage({ at: "join", lobby });
    }
  }

  #wait(lobby: LobbyView | null): void {
    const now = this.#screen.stage.peek();
    this.#stage({ at: "pending", lobby, since: now.at === "pending" ? now.since : Date.now() });
    this.#connect();
    const pending = () => !this.#over && this.#screen.stage.peek().at === "pending";
    const check = async () => {
      if (!pending()) return;
      const me = await this.#out.get<MyStatus>(this.path("/me")).catch(() => null);
      if (!pending()) return;
      if (me && me.status !== "pending") return this.#follow(lobby, me);
      const state = this.#screen.connection.peek()?.state.peek();
      this.#poll = this.#later(state === "live" || state === "slow" ? 10_000 : 3000, () => void check());
    };
    this.#poll = this.#later(3000, () => void check());
  }

  // --- the table ---------------------------------------------------------------------------------

  /** True if there is nothing more to do: at the table, or told why not. */
  async #sitDown(): Promise<boolean> {
    try {
      await this.#hydrate();
    } catch (e) {
      if (this.#over) return true;
      if (!(e instanceof ApiError && (e.code === "BANNED" || e.code === "ROOM_CLOSED"))) return false;
      this.#refused(e.code);
      return true;
    }
    if (this.#over) return true;
    this.#stage({ at: "table" });
    clearTimeout(this.#poll);
    this.#connect();
    void this.#fillLog();
    if (this.#wantsToWatch && this.#screen.view.peek()?.me.role === "approved") {
      this.#wantsToWatch = false;
      void this.#out.post(this.path("/spectate"), {}).then(
        () => this.refresh(),
        () => {},
      );
    }
    return true;
  }

  /** Reads the whole room from the server. Anything older than what we have is dropped. */
  async #hydrate(): Promise<void> {
    const sent = Date.now();
    const doc = await this.#out.get<Hydration>(this.path("/hydrate"), { timeoutMs: 6000 });
    if (this.#over) return;
    learn(sent, doc.timestamp, Date.now());
    const now = this.#screen.view.peek();
    if (now && now.roomId === doc.room.id && doc.seq < now.seq) return;
    this.#rejoinToken = doc.me.rejoin_token ?? this.#rejoinToken;
    this.#remember();
    if (now && now.epoch !== doc.epoch) this.#chronicle = this.#newChronicle(); // another log, with the same numbers
    this.#screen.view.value = withEnding(fromHydration(doc, now), this.#chronicle.ending);
  }

  /** Fills the log up to the view. Until then it has gaps, but nothing that is wrong. */
  async #fillLog(): Promise<void> {
    const v = this.#screen.view.peek();
    if (!v || this.#over || this.#chronicle.last >= v.seq) return;
    try {
      const after = Math.max(this.#chronicle.last, v.seq - LOG_REACH);
      const { events } = await this.#out.get<EventsAnswer>(this.path(`/events?after=${after}&limit=${LOG_REACH}`));
      if (this.#over) return;
      this.#chronicle.add(...events);
      this.#tellLog();
    } catch {
      this.#later(3000, () => void this.#fillLog());
    }
  }
  /** Shows what the chronicle has come to know. */
  #tellLog(): void {
    const v = this.#screen.view.peek();
    if (v) this.#screen.view.value = withEnding({ ...v, log: this.#chronicle.lines }, this.#chronicle.ending);
  }
  #newChronicle(): Chronicle {
    const { view } = this.#screen;
    return new Chronicle(() => ({
      userId: this.#out.signedIn()?.userId ?? "",
      isHost: view.peek()?.me.isHost ?? false,
      names: view.peek()?.names ?? {},
    }));
  }

  #needsMore(): boolean {
    const v = this.#screen.view.peek();
    return v !== null && v.gameStatus !== "paused" && needsLegal(v);
  }

  #take(e: RoomEvent): void {
    const { view, connection } = this.#screen;
    const before = view.peek();
    if (!before) return this.#takeWhilePending(e);
    const fresh = this.#chronicle.add(e).length > 0;
    const late = e.seq <= before.seq;
    const live = e.seq > this.#liveFrom;
    if (late) {
      if (!fresh) return;
      this.#tellLog();
      const now = view.peek() ?? before;
      return this.#out.tell(now, now, e, live, late);
    }
    if (e.seq > before.seq + 1) return void this.#fillGap();
    const after = { ...reduce(before, e), log: this.#chronicle.lines };
    view.value = after;
    this.#out.tell(before, after, e, live, late);
    if (e.seq >= this.#liveFrom && connection.peek()?.state.peek() === "catching_up") connection.peek()?.caughtUp();
    if ("userId" in e && e.userId === after.me.userId) {
      if (e.type === "player_kicked" || (e.type === "seat_freed" && e.reason === "kicked")) return this.gone("kicked");
      if (e.type === "member_left") return this.gone("left");
    }
    if (e.type === "player_approved" && e.rejoinToken) {
      this.#rejoinToken = e.rejoinToken;
      this.#remember();
    }
    if (live && wantsSnapshot(after, e)) void this.refresh();
  }
  #takeWhilePending(e: RoomEvent): void {
    if (!("userId" in e) || e.userId !== this.#out.signedIn()?.userId) return;
    if (e.type === "player_approved") this.#follow(null, { ...UNSEATED, status: "approved", rejoinToken: e.rejoinToken ?? null });
    else if (e.type === "player_rejected" || e.type === "player_kicked") this.gone("rejected");
  }

  async #fillGap(): Promise<void> {
    if (this.#filling || this.#over) return;
    this.#filling = true;
    const { view } = this.#screen;
    try {
      const v = view.peek();
      const path = v && this.path(`/events?after=${v.seq}&epoch=${v.epoch}&limit=200`);
      const missed = path ? await this.#out.get<EventsAnswer>(path) : null;
      if (this.#over) return;
      const first = missed?.events[0]?.seq;
      if (missed && v && first === v.seq + 1) for (const e of missed.events) this.#take(e);
      if ((view.peek()?.seq ?? 0) < Math.max(missed?.seq ?? 0, this.#liveFrom)) await this.#hydrate();
      void this.#fillLog();
    } catch (error) {
      if (error instanceof ApiError && error.code === "EPOCH_CHANGED") void this.#resync();
      else this.#later(1000, () => void this.#fillGap());
    } finally {
      this.#filling = false;
    }
    this.#settle();
  }
  #settle(): void {
    if (!this.#over && (this.#screen.view.peek()?.seq ?? 0) >= this.#liveFrom) this.#screen.connection.peek()?.caughtUp();
  }
  async #resync(): Promise<void> {
    if (this.#over) return;
    const now = this.#screen.view.peek();
    if (!now) return this.#screen.connection.peek()?.caughtUp(); // still waiting to be let in: there is nothing to read yet
    try {
      this.#screen.view.value = { ...now, seq: 0 };
      await this.#hydrate();
      this.#settle();
      void this.#fillLog();
    } catch {
      this.#later(1000, () => void this.#resync());
    }
  }

  // --- the connection ----------------------------------------------------------------------------

  #connect(): void {
    const { connection, view } = this.#screen;
    if (connection.peek()) return;
    this.#tabs = this.#out.claim(this.#roomId, () => connection.peek()?.stop("other_tab"));
    this.#tabs.claim();
    const opened = this.#out.connect({
      roomId: this.#roomId,
      credential: () => {
        const token = this.#bearerDead ? null : this.#out.signedIn()?.token;
        return token ? { token } : this.#rejoinToken ? { rejoinToken: this.#rejoinToken } : null;
      },
      lastSeq: () => view.peek()?.seq,
      epoch: () => view.peek()?.epoch,
      authenticated: (frame) => this.#over || this.#authenticated(frame),
      event: (e) => this.#over || this.#take(e),
      resync: (seq) => {
        this.#liveFrom = seq;
        void this.#resync();
      },
      presence: (userId, online) => this.#over || this.#present(userId, online),
      refused: (why) => this.#refused(why),
    });
    connection.value = opened;
    opened.start();
  }
  #authenticated(frame: Authenticated): void {
    const { connection, view } = this.#screen;
    this.#liveFrom = frame.seq;
    const v = view.peek();
    if (!v || v.seq >= frame.seq) connection.peek()?.caughtUp();
    if (!v) return;
    if (v.seq > frame.seq) void this.#resync();
    else if (frame.status === "approved") {
      this.#later(REPLAY_MS, () => (view.peek()?.seq ?? 0) < this.#liveFrom && void this.#fillGap());
    }
    void this.refresh();
  }
  #present(userId: string, online: boolean): void {
    const v = this.#screen.view.peek();
    if (!v) return;
    this.#screen.view.value = {
      ...v,
      seats: v.seats.map((s) => (s.userId === userId ? { ...s, online } : s)),
      members: v.members.map((m) => (m.userId === userId ? { ...m, online } : m)),
    };
  }

  #refused(why: string): void {
    if (this.#over) return;
    const { view, connection } = this.#screen;
    if (why.startsWith("TOKEN") || why === "UNAUTHENTICATED") {
      if (!this.#rejoinToken || !view.peek() || this.#bearerDead) return this.gone("expired");
      this.#bearerDead = true;
      return connection.peek()?.start();
    }
    if (why === "NOT_APPROVED" && view.peek()) return this.gone("kicked");
    this.gone(REFUSED[why] ?? "not_found");
  }
  /** Events don't say whether somebody may ask again; the door does. */
  async #orBlocked(): Promise<void> {
    const lobby = await this.#lobby().catch(() => null);
    if (lobby?.banned && !this.#closed) this.#screen.stage.value = { at: "gone", why: "banned" };
  }

  // --- the end -----------------------------------------------------------------------------------

  #stage(next: Stage): void {
    if (!this.#over || (next.at === "gone" && !this.#closed)) this.#screen.stage.value = next;
  }
  #remember(): void {
    const userId = this.#out.signedIn()?.userId ?? "";
    this.#out.keep(this.code, { roomId: this.#roomId, rejoinToken: this.#rejoinToken, userId });
    this.#out.spare(this.path("/"), this.#rejoinToken);
  }
  /** Does something after `ms`, unless the stay is over by then. */
  #later(ms: number, run: () => void): Timer {
    return setTimeout(() => this.#over || run(), ms);
  }
  #end(): void {
    if (this.#over) return;
    this.#over = true;
    const { view, connection } = this.#screen;
    clearTimeout(this.#poll);
    connection.peek()?.stop();
    this.#tabs?.close();
    connection.value = null;
    view.value = null;
    this.#out.spare("", null);
  }
}

const UNSEATED = { role: null, seatIndex: null, isHost: false };
const REFUSED: Record<string, Gone> = {
  ROOM_NOT_FOUND: "not_found",
  BANNED: "banned",
  KICKED: "kicked",
  ROOM_CLOSED: "closed",
  ROOM_FULL: "full",
};
