// The connection against a socket that does what it is told.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Connection, type ConnectionOwner } from "../src/net/connection";

class FakeSocket {
  static readonly OPEN = 1;
  static readonly CONNECTING = 0;
  static last: FakeSocket;
  static opened = 0;
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((m: { data: string }) => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  sent: string[] = [];
  constructor() {
    FakeSocket.last = this;
    FakeSocket.opened++;
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {}
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}
const AUTHENTICATED = {
  type: "authenticated",
  role: "player",
  status: "approved",
  userId: "u",
  seatIndex: 0,
  seq: 9,
  heartbeatSecs: 30,
  serverTime: 0,
};

test("the pause before the next attempt grows until the connection has caught up, not only let us in", () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  const g = globalThis as Record<string, unknown>;
  g.WebSocket = FakeSocket;
  g.location = { protocol: "http:", host: "x" };
  const random = mock.method(Math as { random: () => number }, "random", () => 0.5);
  const owner: ConnectionOwner = {
    roomId: "r",
    credential: () => ({ token: "t" }),
    lastSeq: () => 1,
    epoch: () => "e",
    authenticated() {},
    event() {},
    resync() {},
    presence() {},
    refused() {},
  };
  const connection = new Connection(owner);
  /** Lets the connection fall right after the server took us, and tells how long it waits. */
  const fall = (caughtUp: boolean): number => {
    FakeSocket.last.onopen?.();
    FakeSocket.last.say(AUTHENTICATED);
    if (caughtUp) connection.caughtUp();
    FakeSocket.last.onclose?.({ code: 1006 });
    const wait = connection.retryAt.peek()! - Date.now();
    mock.timers.tick(wait);
    return wait;
  };
  try {
    connection.start();
    const waits = [fall(false), fall(false), fall(false), fall(false)];
    assert.deepEqual(waits, [250, 500, 1000, 2000]);
    assert.equal(fall(true), 250, "once caught up, it starts from the beginning");
    assert.equal(FakeSocket.opened, 6);
  } finally {
    connection.stop();
    random.mock.restore();
    mock.timers.reset();
  }
});
