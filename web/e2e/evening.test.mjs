// A host on a desktop and a player on a phone play through the page alone, against a real server.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const BINARY = process.env.HOLDFAST_BIN ?? ["../target/debug/holdfast", "../target/release/holdfast"].find((path) => existsSync(path));
const PATIENCE = 30_000;

let server, base, data, browser;

before(async () => {
  data = mkdtempSync(join(tmpdir(), "holdfast-web-"));
  chmodSync(data, 0o755); // PostgreSQL runs as another user where we are root.
  const env = { ...process.env, HOLDFAST_BIND: "127.0.0.1:0", HOLDFAST_DATA_DIR: data, HOLDFAST_RATE_LIMIT: "off", WEB_DIR: join(process.cwd(), "dist") };
  delete env.DATABASE_URL;
  server = spawn(BINARY, { env, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: server.stdout }), "line", { signal: AbortSignal.timeout(60_000) });
  base = line.split(" ").at(-1);
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
}, { timeout: 90_000 });

after(async () => {
  await browser?.close();
  if (server) {
    server.kill("SIGINT");
    await once(server, "exit");
  }
  rmSync(data, { recursive: true, force: true });
}, { timeout: 60_000 });

/** Somebody with a browser of their own; everything they are sent is kept. */
async function person(viewport) {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const heard = [], wrong = [];
  page.on("websocket", (socket) => socket.on("framereceived", (frame) => heard.push(String(frame.payload))));
  page.on("response", async (answer) => {
    if (answer.url().includes("/api/")) heard.push(await answer.text().catch(() => ""));
  });
  page.on("console", (message) => {
    if (message.type() === "error" || message.text().includes("Content Security Policy")) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(error.message));
  return { page, heard, wrong };
}

const button = (page, name) => page.getByRole("button", { name }).first();
const holeCards = (page) => page.locator(".hero [role=img]").evaluateAll((all) => all.map((card) => card.getAttribute("aria-label")));
/** "ace of spades" as the server writes it. */
const wire = (label) => {
  const [rank, suit] = label.split(" of ");
  return `${suit}_${{ jack: "J", queen: "Q", king: "K", ace: "A" }[rank] ?? rank}`;
};

async function introduce({ page }, name) {
  await page.getByLabel("Your name at the table").first().fill(name);
}

test("two people play through the page alone, and a refresh keeps the cards", { timeout: 180_000 }, async () => {
  const host = await person({ width: 1280, height: 800 });
  const anna = await person({ width: 360, height: 640 });

  await host.page.goto(base);
  await introduce(host, "Dana");
  await button(host.page, "Open the table").click();
  await host.page.waitForURL(/\/r\//);

  await anna.page.goto(host.page.url());
  await introduce(anna, "Anna");
  await button(anna.page, "Go on").click();
  await button(anna.page, /ask to|come in/i).click();
  await button(host.page, /let .*in/i).click();

  for (const [{ page }, seat] of [[host, 1], [anna, 2]]) {
    await button(page, new RegExp(`^sit.*seat ${seat}`, "i")).click();
    await page.getByRole("dialog").getByRole("button", { name: "Sit down" }).click();
  }
  await button(host.page, /start/i).click();

  await button(host.page, /^call/i).click();
  await button(anna.page, /^check/i).click();
  await anna.page.getByRole("group", { name: /board/i }).getByRole("img").nth(2).waitFor();

  const [danas, annas] = [await holeCards(host.page), await holeCards(anna.page)];
  assert.equal(annas.length, 2);
  await anna.page.reload();
  await anna.page.locator(".hero [role=img]").nth(1).waitFor();
  assert.deepEqual(await holeCards(anna.page), annas, "a refresh keeps the cards");

  // Heads-up the big blind acts first after the flop. Up to the last decision nothing has been shown.
  for (const street of [3, 4, 5]) {
    await anna.page.getByRole("group", { name: /board/i }).getByRole("img").nth(street - 1).waitFor();
    await button(anna.page, /^check/i).click();
    if (street < 5) await button(host.page, /^check/i).click();
  }
  for (const card of danas) assert.ok(!anna.heard.some((text) => text.includes(wire(card))), `Anna was never sent the ${card}`);
  for (const card of annas) assert.ok(!host.heard.some((text) => text.includes(wire(card))), `Dana was never sent the ${card}`);
  await button(host.page, /^check/i).click();
  await host.page.getByText(/wins? (20|10) with/).first().waitFor();

  assert.deepEqual(host.wrong, []);
  assert.deepEqual(anna.wrong, []);
});
