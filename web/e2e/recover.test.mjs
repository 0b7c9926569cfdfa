// What can go wrong in the middle of a hand: a reload, a dead connection, a killed server. The page carries on by itself, with the same cards.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { checkOrCall, inStep, openHouse, threeAtTheTable, until, whoActs } from "./kit.mjs";
import { accessible } from "./looks.mjs";
import { allIsWell } from "./verdict.mjs";

const house = openHouse();
const callOn = async (players) => checkOrCall(await whoActs(players));

test("a reload in the middle of a hand brings the same two cards back", { timeout: 120_000 }, async (t) => {
  const { anna, players } = await threeAtTheTable(house);
  await callOn(players);
  const cards = await anna.cards();
  assert.equal(cards.length, 2);

  const from = performance.now();
  await anna.page.reload({ waitUntil: "commit" });
  await anna.page.locator(".seat.hero .hole [data-card]").nth(1).waitFor();
  const took = Math.round(performance.now() - from);
  t.diagnostic(`cards visible again after ${took} ms`);
  assert.deepEqual(await anna.cards(), cards);
  assert.ok(took <= 5000, `${took} ms`);

  await inStep(anna);
  await callOn(players);
  await allIsWell(players);
});

test("a dead connection shows, stops the buttons, and heals", { timeout: 120_000 }, async () => {
  let down = false;
  const sockets = new Set();
  const prepare = (page) =>
    page.routeWebSocket(/\/ws$/, (socket) => {
      if (down) return void socket.close({ code: 1013, reason: "the connection is cut" });
      sockets.add(socket);
      socket.connectToServer();
    });
  const { anna, players } = await threeAtTheTable(house, { Anna: { prepare } });
  const { page } = anna;
  await until("Anna's turn", async () => (await anna.mayAct()) || (await callOn(players), false));
  const cards = await anna.cards();
  const fold = anna.bar().getByRole("button", { name: "Fold" });
  const banner = page.getByText("Reconnecting…", { exact: true });
  assert.equal(await banner.count(), 0);

  anna.outage = down = true;
  for (const socket of sockets) socket.close({ code: 1012, reason: "the connection is cut" });
  await banner.waitFor();
  await accessible(anna, "reconnecting");
  await sleep(2500); // some attempts are refused meanwhile
  assert.ok(await banner.isVisible(), "as long as the connection is down the banner stays");
  for (const button of await anna.bar().getByRole("button").all()) assert.ok(await button.isDisabled(), "nothing can be pressed");
  assert.deepEqual(await anna.cards(), cards, "the own cards stay on the felt");

  down = false;
  await banner.waitFor({ state: "hidden", timeout: 15_000 });
  anna.outage = false;
  await until("the buttons work again", () => fold.isEnabled());
  await inStep(anna);
  assert.deepEqual(await anna.cards(), cards);
  await callOn([anna]);
  await allIsWell(players);
});

test("an action whose answer is lost is sent again with the same id until it is answered, and counts once", {
  timeout: 120_000,
}, async () => {
  const { anna, players } = await threeAtTheTable(house);
  const { page } = anna;
  await until("Anna's turn", async () => (await anna.mayAct()) || (await callOn(players), false));
  const before = await anna.hydrate();

  // The server takes it and answers; the answer gets lost on its way, twice.
  const sent = [];
  await page.route("**/api/games/*/actions", async (route) => {
    sent.push(route.request().postDataJSON());
    if (sent.length > 2) return route.continue();
    if (sent.length === 1) await route.fetch();
    await route.abort("connectionreset");
  });
  anna.outage = true; // the browser reports the lost answers that this test is about
  await anna
    .bar()
    .getByRole("button", { name: /^(Call|Check)/ })
    .click();
  await until("it is sent until it is answered", () => sent.length > 2);
  anna.outage = false;
  await page.unroute("**/api/games/*/actions");

  assert.equal(new Set(sent.map((body) => body.actionId)).size, 1);
  assert.deepEqual(new Set(sent.map((body) => JSON.stringify(body))).size, 1);
  const { events } = await anna.call("GET", (room) => `/api/rooms/${room}/events?after=${before.seq}`);
  const mine = events.filter(
    (event) => event.type === "player_action" && event.userId === before.me.user_id && event.turn === before.timer.turn,
  );
  assert.equal(mine.length, 1);
  await inStep(anna);
  await allIsWell(players);
});

test("a server killed in the middle of a hand comes back, and so do all pages", { timeout: 120_000 }, async (t) => {
  const { players } = await threeAtTheTable(house);
  await callOn(players);
  const cards = await Promise.all(players.map((person) => person.cards()));
  const before = await players[0].hydrate();

  for (const person of players) person.outage = true;
  await house.server.kill();
  await Promise.all(players.map((person) => person.page.getByText("Reconnecting…", { exact: true }).waitFor()));
  await house.server.start();
  const from = performance.now();
  await Promise.all(
    players.map((person) => person.page.locator(".pill.connection-live, .pill.connection-slow").waitFor({ timeout: 20_000 })),
  );
  t.diagnostic(`all pages live ${Math.round(performance.now() - from)} ms after the server was ready`);
  for (const person of players) person.outage = false;

  const doc = await players[0].hydrate();
  assert.equal(doc.hand.id, before.hand.id, "the same hand goes on");
  assert.ok(doc.seq >= before.seq);
  for (const [i, person] of players.entries()) {
    await inStep(person);
    assert.deepEqual(await person.cards(), cards[i], `${person.name} has the same cards`);
  }
  await callOn(players);
  await allIsWell(players);
});
