// A stay in a room against a server that answers what it is told, and a connection that is played by hand.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { signal } from "@preact/signals";
import type { RoomEvent } from "../src/api/events";
import type { Hydration } from "../src/api/hydrate";
import { ApiError } from "../src/net/http";
import type { Authenticated, Connection, ConnectionOwner, ConnectionState } from "../src/net/connection";
import { RoomSession, type Screen, type Stage, type Surroundings } from "../src/store/room-session";
import { DOC } from "./document";
import { ROOM, user } from "./room";

const CODE = "K7QX42AB";
const EPOCH = DOC.epoch;
const LOBBY = { room: { ...DOC.room, status: "open" }, banned: false };
/** Nobody is to act, so that no snapshot is asked for but by what a test does. */
const CALM: Hydration = { ...DOC, timer: null, hand: null };
const common = (seq: number) => ({ seq, roomId: ROOM, at: 2000 + seq });
const left = (seq: number): RoomEvent => ({ ...common(seq), type: "spectator_left", userId: user(9), displayName: "Zoe" });
const frame = (seq: number): Authenticated => ({
  type: "authenticated",
  role: "player",
  status: "approved",
  userId: user(0),
  seatIndex: 0,
  epoch: EPOCH,
  seq,
  heartbeatSecs: 30,
  serverTime: 0,
});

/** Everything that is still to run before the next timer. */
async function settled(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

type Answer = unknown | (() => unknown);

class World {
  readonly screen: Screen = {
    stage: signal<Stage>({ at: "loading" }),
    view: signal(null),
    connection: signal<Connection | null>(null),
  };
  /** Answers by path; one that throws is a refusal. */
  readonly answers: Record<string, Answer> = {
    [`/api/rooms/code/${CODE}`]: LOBBY,
    "/api/rooms": { rooms: [{ id: ROOM, memberStatus: "approved" }] },
    [`/api/rooms/${ROOM}/me`]: { status: "approved", role: "player", seatIndex: 0, rejoinToken: "r1", isHost: true },
    [`/api/rooms/${ROOM}/hydrate`]: CALM,
    [`/api/rooms/${ROOM}/events`]: { events: [], epoch: EPOCH, seq: 0 },
  };
  readonly asked: string[] = [];
  readonly told: number[] = [];
  readonly starts: unknown[] = [];
  caughtUp = 0;
  me: { userId: string; token: string } | null = { userId: user(0), token: "t" };
  kept: unknown;
  owner!: ConnectionOwner;
  lost!: () => void;
  readonly state = signal<ConnectionState>("off");
  readonly #out: Surroundings = {
    get: (path) => this.#answer(path),
    post: (path) => this.#answer(path),
    signedIn: () => this.me,
    known: () => null,
    keep: (_, room) => {
      this.kept = room;
    },
    spare() {},
    connect: (owner) => {
      this.owner = owner;
      const connection = {
        state: this.state,
        start: () => {
          this.starts.push(owner.credential());
          this.state.value = "live";
        },
        stop: (why = "off") => {
          this.state.value = why as ConnectionState;
        },
        caughtUp: () => {
          this.caughtUp++;
        },
      };
      return connection as unknown as Connection;
    },
    claim: (_, lost) => {
      this.lost = lost;
      return { claim() {}, close() {} };
    },
    tell: (_before, _after, e) => {
      this.told.push(e.seq);
    },
  };
  async #answer<T>(path: string): Promise<T> {
    this.asked.push(path);
    const answer = this.answers[path.split("?")[0]!];
    return (typeof answer === "function" ? await (answer as () => unknown)() : answer) as T;
  }
  begin(): RoomSession {
    return new RoomSession(CODE, this.screen, this.#out);
  }
  /** At the table, with the events up to the document's. */
  async seated(): Promise<RoomSession> {
    const session = this.begin();
    await session.enter();
    await settled();
    assert.equal(this.screen.stage.peek().at, "table");
    this.asked.length = 0;
    return session;
  }
  set(path: string, answer: Answer): void {
    this.answers[path.startsWith("/api") ? path : `/api/rooms/${ROOM}${path}`] = answer;
  }
  count(path: string): number {
    return this.asked.filter((p) => p.split("?")[0]!.endsWith(path)).length;
  }
  get why(): string {
    const stage = this.screen.stage.peek();
    return stage.at === "gone" ? stage.why : stage.at;
  }
}
const refuse =
  (code: string, status = 403) =>
  () => {
    throw new ApiError(status, code, null);
  };
/** Runs with a clock that the test moves. */
const timed = (name: string, run: (world: World) => Promise<void>): void =>
  void test(name, async () => {
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
    try {
      await run(new World());
    } finally {
      mock.timers.reset();
    }
  });

test("who isn't signed in is asked for a name before anything is asked of the server", async () => {
  const world = new World();
  world.me = null;
  await world.begin().enter();
  assert.equal(world.why, "sign_in");
  assert.deepEqual(world.asked, []);
});

test("the door says what it says: open, closed, blocked, unknown", async () => {
  const doors: [string, Answer][] = [
    ["join", LOBBY],
    ["closed", { ...LOBBY, room: { ...LOBBY.room, status: "closed" } }],
    ["banned", { ...LOBBY, banned: true }],
    ["not_found", refuse("ROOM_NOT_FOUND", 404)],
  ];
  for (const [screen, answer] of doors) {
    const world = new World();
    world.set("/api/rooms", { rooms: [] });
    world.set(`/api/rooms/code/${CODE}`, answer);
    await world.begin().enter();
    assert.equal(world.why, screen);
  }
});

timed("a server that is away is asked again until it answers", async (world) => {
  world.set(`/api/rooms/code/${CODE}`, refuse("OFFLINE", 0));
  await world.begin().enter();
  assert.equal(world.why, "away");
  mock.timers.tick(700);
  await settled();
  assert.equal(world.count(`/code/${CODE}`), 2);
  world.set(`/api/rooms/code/${CODE}`, LOBBY);
  mock.timers.tick(1400);
  await settled();
  assert.equal(world.why, "table");
});

test("who waits is let in by the event as well as by asking, and the token is kept", async () => {
  const world = new World();
  world.set("/api/rooms", { rooms: [] });
  world.set("/join", { status: "pending", waitingForApproval: true });
  const session = world.begin();
  await session.enter();
  await session.ask("Ana", null, false);
  assert.equal(world.why, "pending");
  world.owner.event({ ...common(3), type: "player_approved", userId: user(0), displayName: "Ana", rejoinToken: "r7" });
  await settled();
  assert.equal(world.why, "table");
  assert.deepEqual(world.kept, { roomId: ROOM, rejoinToken: "r7", userId: user(0) });
});

timed("who waits and is let in without hearing of it learns it by asking", async (world) => {
  world.set("/api/rooms", { rooms: [] });
  world.set("/join", { status: "pending", waitingForApproval: true });
  world.set("/me", { status: "pending", role: null, seatIndex: null, rejoinToken: null, isHost: false });
  const session = world.begin();
  await session.enter();
  await session.ask("Ana", null, true);
  mock.timers.tick(3000);
  await settled();
  assert.equal(world.why, "pending");
  world.set("/me", { status: "approved", role: "approved", seatIndex: null, rejoinToken: "r1", isHost: false });
  world.set("/hydrate", { ...CALM, me: { ...CALM.me, role: "approved", seat_index: undefined } });
  mock.timers.tick(10_000);
  await settled();
  assert.equal(world.why, "table");
  assert.equal(world.count("/spectate"), 1, "and watches, as was asked for");
});

test("exactly the next event is applied: an older one is dropped, a gap is filled in order", async () => {
  const world = new World();
  await world.seated();
  world.owner.event(left(40));
  assert.equal(world.screen.view.peek()?.seq, 40);
  world.owner.event(left(41));
  assert.equal(world.screen.view.peek()?.seq, 41);
  world.set("/events", { events: [left(42), left(43), left(44)], epoch: EPOCH, seq: 44 });
  world.owner.event(left(44));
  assert.equal(world.screen.view.peek()?.seq, 41, "not over the gap");
  await settled();
  assert.equal(world.screen.view.peek()?.seq, 44);
  assert.deepEqual(world.told.slice(-3), [42, 43, 44]);
  assert.equal(world.count("/hydrate"), 0, "the events were enough");
});

test("events that don't reach to the view are replaced by a snapshot", async () => {
  const world = new World();
  await world.seated();
  world.set("/events", { events: [left(80)], epoch: EPOCH, seq: 80 });
  world.set("/hydrate", { ...CALM, seq: 80 });
  world.owner.event(left(80));
  await settled();
  assert.equal(world.screen.view.peek()?.seq, 80);
  assert.equal(world.count("/hydrate"), 1);
});

test("a snapshot that is older than the view changes nothing", async () => {
  const world = new World();
  const session = await world.seated();
  world.owner.event(left(41));
  await session.refresh();
  assert.equal(world.screen.view.peek()?.seq, 41);
});

test("another log with the same numbers begins the room anew", async () => {
  const world = new World();
  await world.seated();
  const other = "e0000000-0000-4000-8000-000000000002";
  world.set("/events", () => {
    world.set("/events", { events: [], epoch: other, seq: 12 });
    refuse("EPOCH_CHANGED", 409)();
  });
  world.set("/hydrate", { ...CALM, epoch: other, seq: 12 });
  world.owner.event(left(60));
  await settled();
  const v = world.screen.view.peek()!;
  assert.deepEqual([v.epoch, v.seq, v.log], [other, 12, []]);
});

timed("however often it is asked for, one snapshot at a time is read, and one more at its end", async (world) => {
  const session = await world.seated();
  let answer!: (doc: Hydration) => void;
  world.set("/hydrate", () => new Promise((resolve) => (answer = resolve)));
  for (let i = 0; i < 5; i++) void session.refresh();
  await settled();
  assert.equal(world.count("/hydrate"), 1);
  answer(CALM);
  await settled();
  world.set("/hydrate", CALM);
  for (let i = 0; i < 5; i++) {
    mock.timers.tick(1000);
    await settled();
  }
  assert.equal(world.count("/hydrate"), 2);
});

timed("on my turn the room is read until it says what I may do", async (world) => {
  const mine: Hydration = { ...DOC, me: { ...DOC.me } };
  delete mine.me.legal_actions;
  world.set("/hydrate", mine);
  const session = await world.seated();
  await session.refresh();
  world.set("/hydrate", DOC);
  mock.timers.tick(100);
  await settled();
  assert.equal(world.screen.view.peek()?.me.legal?.sure, true);
  const reads = world.count("/hydrate");
  mock.timers.tick(10_000);
  await settled();
  assert.equal(world.count("/hydrate"), reads, "then no more");
});

test("a stay that is over writes nothing, whatever is still on its way", async () => {
  const world = new World();
  const session = await world.seated();
  let answer!: (doc: Hydration) => void;
  world.set("/hydrate", () => new Promise((resolve) => (answer = resolve)));
  void session.refresh();
  await settled();
  session.close();
  const next = new World();
  answer({ ...CALM, seq: 99 });
  world.owner.event(left(41));
  world.owner.presence(user(1), false);
  world.owner.refused("BANNED");
  session.gone("kicked");
  await settled();
  assert.equal(world.screen.view.peek(), null);
  assert.equal(world.why, "table", "the screen is the next one's");
  assert.equal(world.state.peek(), "off");
  assert.equal(next.asked.length, 0);
});

test("a sign-in that runs out at the table goes on with the room's own token, once", async () => {
  const world = new World();
  world.set("/hydrate", { ...CALM, me: { ...CALM.me, rejoin_token: "r2" } });
  await world.seated();
  world.owner.refused("TOKEN_EXPIRED");
  assert.deepEqual(world.starts, [{ token: "t" }, { rejoinToken: "r2" }]);
  world.owner.refused("TOKEN_EXPIRED");
  assert.equal(world.why, "expired");
  assert(world.kept, "seat and chips are kept, so the room is remembered");
});

test("a kick ends the stay and forgets the room; the door says whether it was a ban", async () => {
  for (const banned of [false, true]) {
    const world = new World();
    await world.seated();
    world.set(`/api/rooms/code/${CODE}`, { ...LOBBY, banned });
    world.owner.event({ ...common(41), type: "player_kicked", userId: user(0) });
    await settled();
    assert.equal(world.why, banned ? "banned" : "kicked");
    assert.equal(world.kept, null);
    assert.equal(world.screen.view.peek(), null);
  }
});

test("asking again goes to the door, even of a room that we are remembered in", async () => {
  const world = new World();
  await world.begin().enterAsNew();
  assert.equal(world.why, "join");
});

timed("events that were missed and don't come are asked for", async (world) => {
  await world.seated();
  world.set("/events", { events: [left(41), left(42)], epoch: EPOCH, seq: 42 });
  world.owner.authenticated(frame(42));
  await settled();
  assert.equal(world.screen.view.peek()?.seq, 40);
  mock.timers.tick(2500);
  await settled();
  assert.equal(world.screen.view.peek()?.seq, 42);
  assert(world.caughtUp > 0);
});

test("a log that is behind the view is another one's tail: the room is read anew", async () => {
  const world = new World();
  await world.seated();
  world.set("/hydrate", { ...CALM, seq: 30 });
  world.owner.authenticated(frame(30));
  await settled();
  assert.equal(world.screen.view.peek()?.seq, 30);
});

test("another tab takes the table, and it is taken back when asked", async () => {
  const world = new World();
  const session = await world.seated();
  world.lost();
  assert.equal(world.state.peek(), "other_tab");
  session.useHere();
  assert.equal(world.state.peek(), "live");
});

test("the log is filled behind the view, and a late event is told as late", async () => {
  const world = new World();
  world.set("/events", { events: [left(38), left(39)], epoch: EPOCH, seq: 40 });
  await world.seated();
  assert.deepEqual(
    world.screen.view.peek()?.log.map((l) => l.seq),
    [38, 39],
  );
  world.owner.event(left(40));
  assert.deepEqual(
    world.screen.view.peek()?.log.map((l) => l.seq),
    [38, 39, 40],
  );
  assert.equal(world.screen.view.peek()?.seq, 40);
});
