// What the browser tests share: a server of their own, people with a browser context each, and what they do by role and name.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, afterEach, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const WEB = dirname(dirname(fileURLToPath(import.meta.url)));
const BINARY =
  process.env.HOLDFAST_BIN ??
  ["debug", "release"].map((kind) => join(WEB, "..", "target", kind, "holdfast")).find((path) => existsSync(path));
const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 640 };
const PATIENCE = 10_000;

/** A server with a data directory of its own. It can be killed and started again where it was. */
export class Server {
  data = mkdtempSync(join(tmpdir(), "holdfast-web-"));
  port = 0;

  async start() {
    chmodSync(this.data, 0o755); // PostgreSQL runs as another user where we are root.
    const env = {
      ...process.env,
      HOLDFAST_BIND: `127.0.0.1:${this.port}`,
      HOLDFAST_DATA_DIR: this.data,
      HOLDFAST_RATE_LIMIT: "off",
      WEB_DIR: join(WEB, "dist"),
    };
    delete env.DATABASE_URL;
    this.process = spawn(BINARY, { env, stdio: ["ignore", "pipe", "ignore"] });
    const lines = createInterface({ input: this.process.stdout });
    const [line] = await once(lines, "line", { signal: AbortSignal.timeout(30_000) });
    lines.on("line", () => {});
    this.base = line.split(" ").at(-1);
    this.port = Number(new URL(this.base).port);
    return this;
  }
  async end(signal) {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, "exit", { signal: AbortSignal.timeout(20_000) });
    this.process.kill(signal);
    await gone;
  }
  kill() {
    return this.end("SIGKILL");
  }
  async stop() {
    await this.end("SIGINT");
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** The server and the browser of one file of tests. Whoever is met in a test leaves when it ends. */
export function openHouse() {
  const house = new House();
  before(() => house.open(), { timeout: 60_000 });
  afterEach(() => house.empty());
  after(() => house.close(), { timeout: 60_000 });
  return house;
}
export class House {
  server = new Server();
  people = [];

  get base() {
    return this.server.base;
  }
  async open() {
    [this.browser] = await Promise.all([
      chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS }),
      this.server.start(),
    ]);
  }
  async empty() {
    await Promise.all(this.people.splice(0).map((person) => person.context.close()));
  }
  async close() {
    await this.browser?.close();
    await this.server.stop();
  }
  /** Somebody with a browser context of their own; `prepare` is run on a page before anything is loaded. */
  async meet(name, { viewport = DESKTOP, prepare } = {}) {
    const person = new Person(name, await this.browser.newContext({ viewport }));
    await person.newTab(prepare);
    this.people.push(person);
    return person;
  }
}

/** Asks again until it holds; the last complaint is the one that counts. */
export async function until(what, check, ms = PATIENCE) {
  const end = Date.now() + ms;
  let last;
  do {
    try {
      const found = await check();
      if (found !== false && found !== null && found !== undefined) return found;
    } catch (e) {
      last = e;
    }
    await sleep(50);
  } while (Date.now() < end);
  throw new Error(`${what}: not within ${ms} ms${last ? `: ${last.message}` : ""}`, { cause: last });
}

/** One call past every page. Throws what the server refuses. */
export async function rest(base, token, method, path, body) {
  const answer = await fetch(base + path, {
    method,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body ? { "content-type": "application/json" } : {}) },
    signal: AbortSignal.timeout(5000),
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** Somebody with a browser context of their own; everything they are sent is kept, in order. */
export class Person {
  heard = [];
  wrong = [];
  /** While the connection is down on purpose, failed requests are no fault of the page. */
  outage = false;
  /** Refusals that a test provokes: `status path`, as the page will get them. */
  expected = [];

  constructor(name, context) {
    this.name = name;
    this.context = context;
  }
  /** One more tab of the same browser; it becomes the one that is looked at. */
  async newTab(prepare) {
    const page = (this.page = await this.context.newPage());
    page.setDefaultTimeout(PATIENCE);
    await prepare?.(page);
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => this.heard.push({ kind: "frame", text: String(payload), page })),
    );
    page.on("response", (answer) => {
      const { pathname } = new URL(answer.url());
      if (answer.status() >= 400) this.blame(`${answer.status()} ${answer.url()}`);
      if (!pathname.startsWith("/api/")) return;
      const item = { kind: "body", path: pathname, text: "", page };
      this.heard.push(item);
      answer.text().then(
        (text) => (item.text = text),
        () => {},
      );
    });
    page.on(
      "console",
      (message) =>
        ["error", "warning"].includes(message.type()) && this.blame(`${message.text()} ${message.location().url ?? ""}`),
    );
    page.on("pageerror", (error) => this.blame(error.message));
    // A page that is left gives up what it was still asking for; that is no fault.
    let leaving = false;
    page.on("request", (request) => (leaving ||= request.isNavigationRequest()));
    page.on("domcontentloaded", () => (leaving = false));
    page.on("requestfailed", (request) => {
      const why = request.failure()?.errorText;
      if (!leaving || why !== "net::ERR_ABORTED") this.blame(`failed: ${request.url()} ${why}`);
    });
    return page;
  }
  blame(text) {
    if (this.outage || this.expected.some(([status, path]) => text.includes(String(status)) && text.includes(path))) return;
    this.wrong.push(text);
  }
  /** The server will refuse `path` with `status` in this test, and the page has words for it. */
  expect(status, path) {
    this.expected.push([status, path]);
  }
  button(name, within = this.page) {
    return within.getByRole("button", { name }).first();
  }
  /** What the browser keeps: the own token, and the room of the page's address (null at none, or sent away from it). */
  kept() {
    const code = /\/r\/([A-Z0-9]+)/.exec(this.page.url())?.[1];
    return this.page.evaluate((key) => {
      const read = (name) => JSON.parse(localStorage.getItem(name));
      return { token: read("holdfast.session")?.token, room: read(key)?.roomId ?? null };
    }, `holdfast.room.${code}`);
  }
  async room() {
    return (await this.kept()).room;
  }
  /** One call with this person's token, past the page; `path` may depend on the room. */
  async call(method, path, body) {
    const { token, room } = await this.kept();
    return rest(new URL(this.page.url()).origin, token, method, typeof path === "string" ? path : path(room), body);
  }
  /** What the server says to this person, read past the page. */
  hydrate() {
    return this.call("GET", (room) => `/api/rooms/${room}/hydrate`);
  }
  /** The own cards as they lie on the felt. */
  cards() {
    return this.page.locator(".seat.hero .hole [data-card]").evaluateAll((all) => all.map((card) => card.dataset.card));
  }
  /** What lies on the board; on several, one after the other. Not what a rabbit hunt has shown. */
  board() {
    return this.page.locator(".board [data-card]:not(.undealt)").evaluateAll((all) => all.map((card) => card.dataset.card));
  }
  /** Seat number to chips, as shown on this page. */
  stacks() {
    return this.page
      .locator("li.seat .st[data-chips]")
      .evaluateAll((all) =>
        Object.fromEntries(all.map((stack) => [stack.closest("li").dataset.seat, Number(stack.dataset.chips)]).sort()),
      );
  }
  bar() {
    return this.page.getByRole("region", { name: "Your action" });
  }
  /** The live region that interrupts: my turn, answers to keys, errors. */
  async said() {
    return (await this.page.locator("p[role=alert][aria-live=assertive]").textContent())?.replace(/\u00a0$/, "") ?? "";
  }
  async mayAct() {
    const fold = this.bar().getByRole("button", { name: "Fold" });
    return (await fold.count()) > 0 && (await fold.isEnabled());
  }
}

/** Somebody without a browser, for seats that only have to be filled. */
export class Bot {
  constructor(base, session) {
    this.base = base;
    this.token = session.token;
    this.userId = session.userId;
    this.name = session.displayName;
  }
  static async named(base, displayName) {
    return new Bot(base, await rest(base, null, "POST", "/api/auth/guest", { displayName }));
  }
  call(method, path, body) {
    return rest(this.base, this.token, method, path, body);
  }
  /** Opens a room that lets everybody in, unless `settings` say otherwise. */
  async open(settings, more = {}) {
    const made = await this.call("POST", "/api/rooms", {
      displayName: this.name,
      settings: { autoApprove: true, ...settings },
      ...more,
    });
    this.roomId = made.room.id;
    return { ...made, link: `${this.base}/r/${made.room.code}` };
  }
  async join(roomId) {
    this.roomId = roomId;
    return this.call("POST", `/api/rooms/${roomId}/join`, { displayName: this.name });
  }
  sit(seatIndex, buyIn) {
    return this.call("POST", `/api/rooms/${this.roomId}/seat`, { seatIndex, buyIn });
  }
  hydrate() {
    return this.call("GET", `/api/rooms/${this.roomId}/hydrate`);
  }
  async mayAct() {
    return Boolean((await this.hydrate()).me.legal_actions);
  }
  async act(action, amount) {
    const doc = await this.hydrate();
    return this.call("POST", `/api/games/${doc.game.id}/actions`, {
      action,
      turn: doc.timer.turn,
      ...(amount === undefined ? {} : { amount }),
    });
  }
}

/** The host opens a table through the page. */
export async function openTable(host, base) {
  const { page } = host;
  await page.goto(base);
  await page.getByLabel("Your name at the table").first().fill(host.name);
  await host.button("Open the table").click();
  await page.waitForURL(/\/r\//);
  await page.getByRole("list", { name: "Seats" }).waitFor();
  return page.url();
}
/** Somebody new at the door of the table, with their name given. */
export async function arrive(person, link) {
  await person.page.goto(link);
  await person.page.getByLabel("Your name at the table").fill(person.name);
  await person.button("Go on").click();
}
export async function askToJoin(person, link, how = "Ask to join") {
  await arrive(person, link);
  await person.button(how).click();
  await person.page.getByRole("heading", { name: /^Waiting for .* to let you in/ }).waitFor();
}
/** Into a room that lets everybody in. */
export async function comeIn(person, link, how = "Come in") {
  await arrive(person, link);
  await person.button(how).click();
  await person.page.getByRole("list", { name: "Seats" }).waitFor();
}
export async function letIn(host, person) {
  const card = host.page.getByRole("region", { name: "Join requests" });
  await card.getByText(person.name, { exact: true }).waitFor();
  await host.button("Let in", card).click();
  await person.page.getByRole("list", { name: "Seats" }).waitFor();
}
export async function sit(person, seat, buyIn) {
  await person.button(new RegExp(`^Sit.*seat ${seat}$`, "i")).click();
  const sheet = person.page.getByRole("dialog");
  if (buyIn) await sheet.getByLabel("Buy-in, number").fill(String(buyIn));
  await sheet.getByRole("button", { name: "Sit down" }).click();
  await person.page.locator(".seat.hero").waitFor();
}
/** Host, Anna and Ben at a running table, each with two cards. */
export async function threeAtTheTable(house, options = {}) {
  const [host, anna, ben] = await Promise.all(["Dana", "Anna", "Ben"].map((name) => house.meet(name, options[name])));
  const link = await openTable(host, house.base);
  for (const guest of [anna, ben]) {
    await askToJoin(guest, link);
    await letIn(host, guest);
  }
  for (const [i, person] of [host, anna, ben].entries()) await sit(person, i + 1);
  await start(host, [host, anna, ben]);
  return { host, anna, ben, players: [host, anna, ben], link };
}
export async function start(host, players) {
  await host.button("Start the game").click();
  await Promise.all(players.map(dealt));
}
export const dealt = (person) => until(`${person.name} has cards`, async () => (await person.cards()).length >= 2);
export const whoActs = (players) =>
  until("somebody may act", async () => {
    for (const person of players) if (await person.mayAct()) return person;
    return null;
  });
/** One decision, by a button. Returns when the page has taken it. */
export async function press(person, name) {
  const before = (await person.hydrate()).timer?.turn;
  await person.bar().getByRole("button", { name }).click();
  await until(`${person.name}'s ${name} counts`, async () => (await person.hydrate()).timer?.turn !== before);
}
/** Checks where that is free, calls where it isn't. */
export async function checkOrCall(person) {
  const check = (await person.bar().getByRole("button", { name: "Check" }).count()) > 0;
  await press(person, check ? "Check" : /^Call/);
}
/** Page and server say the same about stacks, board and own cards. */
export async function inStep(person, ms = PATIENCE) {
  await until(
    `${person.name}'s page is in step`,
    async () => {
      const doc = await person.hydrate();
      const chips = Object.fromEntries(doc.seats.filter((s) => s.user_id).map((s) => [String(s.seat_index), s.chips]));
      assert.deepEqual(await person.stacks(), chips);
      if (doc.game.status !== "completed") assert.deepEqual(await person.board(), doc.hand?.boards.flat() ?? []);
      if (doc.me.hole_cards) assert.deepEqual(await person.cards(), doc.me.hole_cards);
      return true;
    },
    ms,
  );
}
