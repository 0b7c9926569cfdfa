// What the measurements share: a server, a page that hosts a full table, and players who act over the REST API.
// The page's own player is played over REST too, with the page's token, wherever a measurement isn't about its buttons.
import { cpus } from "node:os";
import { House, openTable, until } from "../e2e/kit.mjs";

const SETTINGS = { smallBlind: 1, bigBlind: 2, minBuyIn: 40, maxBuyIn: 1_000_000, actionTimeoutSecs: 0, autoApprove: true };
const BUY_IN = 100_000;
const HEARTBEAT_MS = 30_000;

async function call(base, token, method, path, body) {
  const headers = { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}) };
  const answer = await fetch(base + path, {
    method,
    headers,
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const json = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(`${method} ${path}: ${answer.status} ${json.code}`), { code: json.code });
  return json;
}

/** Chance that comes out the same each time. */
function dice(seed) {
  let s = seed;
  return () => (s = (s * 16807) % 2147483647) / 2147483647;
}

export class Table {
  /** A page at a table with `seats` seats, all taken, and the game running; hands follow each other without a pause. */
  static async open(house, { seats, prepare, foldShare = 0.25 }) {
    const table = new Table();
    table.base = house.base;
    table.random = dice(20_26);
    table.foldShare = foldShare;
    table.nextBeat = 0;
    const host = (table.host = await house.meet("Dana", { prepare }));
    table.link = await openTable(host, house.base);
    table.page = host.page;
    const kept = await host.page.evaluate(() => {
      const room = Object.keys(localStorage).find((key) => key.startsWith("holdfast.room."));
      return {
        token: JSON.parse(localStorage.getItem("holdfast.session")).token,
        roomId: JSON.parse(localStorage.getItem(room)).roomId,
      };
    });
    table.room = `/api/rooms/${kept.roomId}`;
    table.tokens = [kept.token];
    await call(table.base, kept.token, "PATCH", `${table.room}/settings`, { ...SETTINGS, seats, betweenHandsSecs: 0 });
    for (let i = 1; i < seats; i++) {
      const { token } = await call(table.base, kept.token, "POST", "/api/auth/guest", { displayName: `Player ${i}` });
      await call(table.base, token, "POST", `${table.room}/join`, { displayName: `Player ${i}` });
      table.tokens.push(token);
    }
    for (const [seatIndex, token] of table.tokens.entries())
      await call(table.base, token, "POST", `${table.room}/seat`, { seatIndex, buyIn: BUY_IN });
    await host.page.locator(".seat.hero").waitFor();
    await call(table.base, kept.token, "POST", `${table.room}/start`, {});
    return table;
  }

  hydrate(seat = 0) {
    return call(this.base, this.tokens[seat], "GET", `${this.room}/hydrate`);
  }

  /** Whoever's turn it is decides: mostly calls and checks, some raises and folds. False while nobody is to act. */
  async step(doc) {
    if (!doc.timer || doc.hand?.phase === "complete") return false;
    const seat = doc.timer.actor_seat;
    const owes = doc.hand.current_bet > doc.seats[seat].bet;
    const chance = this.random();
    let move = { action: owes ? "CALL" : "CHECK" };
    if (chance < this.foldShare && owes) move = { action: "FOLD" };
    else if (chance > 0.9 && doc.hand.min_raise_to)
      move = { action: doc.hand.current_bet === 0 ? "BET" : "RAISE", amount: doc.hand.min_raise_to };
    try {
      await call(this.base, this.tokens[seat], "POST", `/api/games/${doc.game.id}/actions`, { ...move, turn: doc.timer.turn });
    } catch (e) {
      if (!["ILLEGAL_ACTION", "ILLEGAL_AMOUNT"].includes(e.code)) throw e; // the raise was closed to this player
      await call(this.base, this.tokens[seat], "POST", `/api/games/${doc.game.id}/actions`, {
        action: owes ? "CALL" : "CHECK",
        turn: doc.timer.turn,
      });
    }
    return true;
  }

  /** Players without a socket say now and then that they are there; else they lose their seats. */
  async stayAlive() {
    if (Date.now() < this.nextBeat) return;
    this.nextBeat = Date.now() + HEARTBEAT_MS;
    for (const token of this.tokens) await call(this.base, token, "POST", `${this.room}/heartbeat`);
  }

  /** Plays until `enough(doc)`. A table where nobody is to act for ten seconds is stuck, and said so. */
  async playUntil(enough, pauseMs = 0) {
    for (;;) {
      await this.stayAlive();
      const doc = await until("somebody is to act", async () => {
        const now = await this.hydrate();
        return now.timer || enough(now) ? now : null;
      });
      if (enough(doc)) return doc;
      await this.step(doc);
      // Players think; how fast they are is a part of what is measured.
      if (pauseMs > 0) await new Promise((go) => setTimeout(go, pauseMs));
    }
  }
}

/** Starts a server and a browser, hands them to `measure`, and ends both whatever happens. */
export async function measured(measure) {
  const house = new House();
  try {
    await house.open();
    await measure(house);
    console.log(`(${cpus().length} x ${cpus()[0].model}, Node ${process.version}, Chromium ${house.browser.version()})`);
  } finally {
    await house.close();
  }
}

/** Reads how long the page's main thread has really worked, in ms: a busy machine doesn't change it, as it does all waiting. */
export async function workOf(context, page) {
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => 1000 * (await cdp.send("Performance.getMetrics")).metrics.find((m) => m.name === "TaskDuration").value;
}

/** The value below which `share` of them lie. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}
export const spread = (values) =>
  `median ${quantile(values, 0.5).toFixed(0)}, p95 ${quantile(values, 0.95).toFixed(0)}, worst ${Math.max(...values).toFixed(0)} ms of ${values.length}`;

/** One line for the record: what it is, what was found, what was promised. Never fails: a busy machine is no fault. */
export function report(what, found, limit) {
  console.log(`${what}: ${found}; limit ${limit}`);
}
