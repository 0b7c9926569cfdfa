// What the browser tests share: a server of their own, people with a browser context each, and a look at what they were sent.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const WEB = dirname(dirname(fileURLToPath(import.meta.url)));
const BINARY = process.env.HOLDFAST_BIN ?? ["debug", "release"].map((kind) => join(WEB, "..", "target", kind, "holdfast")).find((path) => existsSync(path));
const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const DESKTOP = { width: 1280, height: 800 };
const PATIENCE = 10_000;

/** A server with a data directory of its own. It can be killed and started again where it was. */
export class Server {
  data = mkdtempSync(join(tmpdir(), "holdfast-web-"));
  port = 0;

  async start() {
    chmodSync(this.data, 0o755); // PostgreSQL runs as another user where we are root.
    const env = { ...process.env, HOLDFAST_BIND: `127.0.0.1:${this.port}`, HOLDFAST_DATA_DIR: this.data, HOLDFAST_RATE_LIMIT: "off", WEB_DIR: join(WEB, "dist") };
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

export const openBrowser = () => chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });

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
  throw new Error(`${what}: not within ${ms} ms`, { cause: last });
}

/** Somebody with a browser context of their own; everything they are sent is kept, in order. */
export class Person {
  heard = [];
  wrong = [];
  /** While the line is down on purpose, failed requests are no fault of the page. */
  outage = false;

  static async meet(browser, name, { viewport = DESKTOP, prepare } = {}) {
    const person = new Person();
    person.name = name;
    person.context = await browser.newContext({ viewport });
    const page = (person.page = await person.context.newPage());
    page.setDefaultTimeout(PATIENCE);
    await prepare?.(page);
    page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => person.heard.push({ kind: "frame", text: String(payload) })));
    page.on("response", (answer) => {
      if (answer.status() >= 400) person.blame(`${answer.status()} ${answer.url()}`);
      if (!new URL(answer.url()).pathname.startsWith("/api/")) return;
      const item = { kind: "body", text: "" };
      person.heard.push(item);
      answer.text().then((text) => (item.text = text), () => {});
    });
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && person.blame(message.text()));
    page.on("pageerror", (error) => person.blame(error.message));
    page.on("requestfailed", (request) => person.blame(`failed: ${request.url()} ${request.failure()?.errorText}`));
    return person;
  }
  blame(text) {
    if (!this.outage) this.wrong.push(text);
  }
  button(name, within = this.page) {
    return within.getByRole("button", { name }).first();
  }
  /** What the server says to this person, read past the page. */
  async hydrate() {
    const { token, roomId } = await this.page.evaluate(() => {
      const room = Object.keys(localStorage).find((key) => key.startsWith("holdfast.room."));
      return { token: JSON.parse(localStorage.getItem("holdfast.session")).token, roomId: JSON.parse(localStorage.getItem(room)).roomId };
    });
    const answer = await fetch(`${new URL(this.page.url()).origin}/api/rooms/${roomId}/hydrate`, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(5000) });
    assert.equal(answer.status, 200);
    return answer.json();
  }
  /** The own two cards as they lie on the felt. */
  cards() {
    return this.page.locator(".seat.hero .hole [data-card]").evaluateAll((all) => all.map((card) => card.dataset.card));
  }
  board() {
    return this.page.locator(".board [data-card]").evaluateAll((all) => all.map((card) => card.dataset.card));
  }
  /** Seat number to chips, as shown on this page. */
  stacks() {
    return this.page.locator("li.seat .st[data-chips]").evaluateAll((all) => Object.fromEntries(all.map((stack) => [stack.closest("li").dataset.seat, Number(stack.dataset.chips)]).sort()));
  }
  bar() {
    return this.page.getByRole("region", { name: "Your action" });
  }
  async mayAct() {
    const fold = this.bar().getByRole("button", { name: "Fold" });
    return (await fold.count()) > 0 && (await fold.isEnabled());
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
export async function knock(person, link, how = "Ask to join") {
  await person.page.goto(link);
  await person.page.getByLabel("Your name at the table").fill(person.name);
  await person.button("Go on").click();
  await person.button(how).click();
  await person.page.getByRole("heading", { name: /^Waiting for .* to let you in/ }).waitFor();
}
export async function letIn(host, person) {
  const card = host.page.getByRole("region", { name: "Join requests" });
  await card.getByText(person.name, { exact: true }).waitFor();
  await host.button("Let in", card).click();
  await person.page.getByRole("list", { name: "Seats" }).waitFor();
}
export async function sit(person, seat) {
  await person.button(new RegExp(`^Sit.*seat ${seat}$`, "i")).click();
  await person.page.getByRole("dialog").getByRole("button", { name: "Sit down" }).click();
  await person.page.locator(".seat.hero").waitFor();
}
/** Host, Anna and Ben at a running table, each with two cards. */
export async function threeAtTheTable(browser, base, options = {}) {
  const [host, anna, ben] = await Promise.all(["Dana", "Anna", "Ben"].map((name) => Person.meet(browser, name, options[name])));
  const link = await openTable(host, base);
  for (const guest of [anna, ben]) {
    await knock(guest, link);
    await letIn(host, guest);
  }
  for (const [i, person] of [host, anna, ben].entries()) await sit(person, i + 1);
  await start(host, [host, anna, ben]);
  return { host, anna, ben, players: [host, anna, ben], link };
}
export async function start(host, players) {
  await host.button("Start the game").click();
  await Promise.all(players.map((person) => until(`${person.name} has cards`, async () => (await person.cards()).length === 2)));
}
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
/** Page and server say the same about stacks, board and own cards. */
export async function inStep(person, ms = PATIENCE) {
  await until(`${person.name}'s page is in step`, async () => {
    const doc = await person.hydrate();
    const chips = Object.fromEntries(doc.seats.filter((s) => s.user_id).map((s) => [String(s.seat_index), s.chips]));
    assert.deepEqual(await person.stacks(), chips);
    assert.deepEqual(await person.board(), doc.hand?.board ?? []);
    if (doc.me.hole_cards) assert.deepEqual(await person.cards(), doc.me.hole_cards);
    return true;
  }, ms);
}
