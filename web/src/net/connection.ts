// The socket of one room: opened, kept, lost, opened again. It knows nothing of poker.
import { signal } from "@preact/signals";
import type { RoomEvent, ServerFrame } from "../api/events";
import { forgetClock, learn, rtt } from "./clock";

export type ConnectionState = "connecting" | "live" | "slow" | "reconnecting" | "catching_up" | "other_tab" | "off";
export type Authenticated = Extract<ServerFrame, { type: "authenticated" }>;

export interface ConnectionOwner {
  roomId: string;
  credential(): { token: string } | { rejoinToken: string } | null;
  lastSeq(): number | undefined;
  /** Which log that is a number of. */
  epoch(): string | undefined;
  authenticated(frame: Authenticated): void;
  event(e: RoomEvent): void;
  /** The room is to be read anew: its log has come to this number, which may be less than what was heard before. */
  resync(seq: number): void;
  presence(userId: string, online: boolean): void;
  /** The server will not have us: why, as an error code or a close code. */
  refused(code: string): void;
}

const BACKOFF_MS = [250, 500, 1000, 2000, 4000, 5000];
const SLOW_MS = 3000;
const DEAD_MS = 8000;
const FATAL = new Set([
  "TOKEN_EXPIRED",
  "TOKEN_INVALID",
  "UNAUTHENTICATED",
  "BANNED",
  "NOT_APPROVED",
  "ROOM_NOT_FOUND",
  "ROOM_CLOSED",
]);

/** How long to wait before the nth attempt, with ±30 % so that a whole room doesn't come back in one instant. */
const backoff = (attempt: number, random = Math.random()): number =>
  Math.round(BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)]! * (0.7 + 0.6 * random));

export class Connection {
  readonly state = signal<ConnectionState>("off");
  /** When we lost it, by our own clock. */
  readonly lostAt = signal<number | null>(null);
  /** When the next attempt is due, by our own clock. */
  readonly retryAt = signal<number | null>(null);
  readonly #owner: ConnectionOwner;
  #socket: WebSocket | null = null;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #beat: ReturnType<typeof setInterval> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #pingSentAt: number | null = null;
  #stopped = true;
  readonly #wake = () => {
    if (!this.#stopped && document.visibilityState === "visible")
      this.#socket?.readyState === WebSocket.OPEN ? this.ping() : this.retryNow();
  };

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
  }

  start(): void {
    this.#stopped = false;
    addEventListener("online", this.#wake);
    addEventListener("focus", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    if (this.state.peek() === "off" || this.state.peek() === "other_tab") this.state.value = "connecting";
    this.#open();
  }
  stop(state: "off" | "other_tab" = "off"): void {
    this.#stopped = true;
    removeEventListener("online", this.#wake);
    removeEventListener("focus", this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    clearTimeout(this.#retry);
    this.#drop();
    this.lostAt.value = null;
    this.retryAt.value = null;
    this.state.value = state;
  }
  retryNow(): void {
    if (this.#stopped || this.#socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.#retry);
    this.#open();
  }
  /** The owner has caught up with everything it missed. */
  caughtUp(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#stopped) return;
    this.#attempt = 0; // not before: a connection that falls again and again while we catch up must not be opened without a pause
    this.lostAt.value = null;
    this.state.value = "live";
  }
  ping(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#pingSentAt !== null) return;
    this.#pingSentAt = Date.now();
    this.#socket.send('{"type":"heartbeat"}');
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#late(), SLOW_MS);
  }

  #late(): void {
    if (this.#pingSentAt === null) return;
    if (this.state.peek() === "live") this.state.value = "slow";
    this.#watch = setTimeout(() => this.#lost(), DEAD_MS - SLOW_MS);
  }
  #drop(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#watch);
    this.#pingSentAt = null;
    const s = this.#socket;
    this.#socket = null;
    if (!s) return;
    s.onopen = s.onmessage = s.onclose = s.onerror = null;
    s.close();
  }
  #lost(): void {
    this.#drop();
    if (this.#stopped) return;
    this.lostAt.value ??= Date.now();
    if (this.state.peek() !== "connecting") this.state.value = "reconnecting";
    const wait = backoff(this.#attempt++);
    this.retryAt.value = Date.now() + wait;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(), wait);
  }
  #refuse(code: string): void {
    this.stop();
    this.#owner.refused(code);
  }
  #open(): void {
    this.#drop();
    this.retryAt.value = null;
    const credential = this.#owner.credential();
    if (!credential) return this.#refuse("UNAUTHENTICATED");
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
    this.#socket = socket;
    this.#watch = setTimeout(() => this.#lost(), DEAD_MS); // a connection that never opens
    socket.onopen = () => {
      const { roomId } = this.#owner;
      // Fields without a value are left out.
      socket.send(
        JSON.stringify({
          type: "authenticate",
          roomId,
          ...credential,
          lastSeq: this.#owner.lastSeq(),
          epoch: this.#owner.epoch(),
        }),
      );
    };
    socket.onmessage = (m) => this.#frame(JSON.parse(String(m.data)) as ServerFrame);
    socket.onclose = (e) => {
      if (e.code === 4003) this.#refuse("KICKED");
      else if (e.code === 4001) this.#refuse("TOKEN_EXPIRED");
      else if (e.code === 4009)
        this.stop("other_tab"); // the player has as many connections as the server keeps
      else this.#lost();
    };
  }
  #frame(f: ServerFrame): void {
    switch (f.type) {
      case "authenticated":
        clearTimeout(this.#watch);
        forgetClock();
        this.state.value = "catching_up";
        this.#owner.authenticated(f);
        this.ping();
        this.#beat = setInterval(() => this.ping(), Math.min(8, Math.max(1, f.heartbeatSecs / 2)) * 1000);
        return;
      case "resync_required":
        this.state.value = "catching_up";
        return this.#owner.resync(f.seq);
      case "heartbeat_ack": {
        const now = Date.now();
        clearTimeout(this.#watch);
        if (this.#pingSentAt !== null) {
          rtt.value = now - this.#pingSentAt;
          learn(this.#pingSentAt, f.serverTime, now);
        }
        this.#pingSentAt = null;
        if (this.state.peek() === "slow" && (rtt.peek() ?? 0) < 1500) this.state.value = "live";
        else if (this.state.peek() === "live" && (rtt.peek() ?? 0) > 1500) this.state.value = "slow";
        return;
      }
      case "presence":
        return this.#owner.presence(f.userId, f.online);
      case "error":
        if (FATAL.has(f.code)) this.#refuse(f.code);
        return;
      default:
        if (typeof (f as RoomEvent).seq === "number") this.#owner.event(f);
    }
  }
}
