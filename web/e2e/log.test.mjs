// The log beside the table: at its end as long as nobody scrolls back, and the same after a reload.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bot, comeIn, dealt, openHouse, PHONE, sit, until, whoActs } from "./kit.mjs";
import { allIsWell } from "./verdict.mjs";

const house = openHouse();
const CALM = { actionTimeoutSecs: 0, betweenHandsSecs: 0, minBuyIn: 10, maxBuyIn: 1000 };

/** Anna in her browser and two without one, at a running table. */
async function table(options = {}) {
  const bots = await Promise.all(["Robin", "Sam"].map((name) => Bot.named(house.base, name)));
  const { room, link } = await bots[0].open({ ...CALM, ...options });
  await bots[1].join(room.id);
  const anna = await house.meet("Anna");
  await comeIn(anna, link);
  await sit(anna, 1);
  for (const [i, bot] of bots.entries()) await bot.sit(i + 1, 200);
  await bots[0].call("POST", `/api/rooms/${room.id}/start`);
  await dealt(anna);
  const people = [
    ...bots,
    {
      mayAct: async () => Boolean((await anna.hydrate()).me.legal_actions),
      act: (action, amount) => act(anna, action, amount),
      hydrate: () => anna.hydrate(),
    },
  ];
  return { anna, people, bots };
}
async function act(person, action, amount) {
  const doc = await person.hydrate();
  return person.call("POST", `/api/games/${doc.game.id}/actions`, {
    action,
    turn: doc.timer.turn,
    ...(amount ? { amount } : {}),
  });
}
/** Checks and calls to the end of the hand, past the page. */
async function playHand(people) {
  const { hand } = await people[0].hydrate();
  for (let doc; (doc = await people[0].hydrate()).hand.id === hand.id && doc.hand.phase !== "complete"; ) {
    const person = await whoActs(people);
    await person.act((await person.hydrate()).me.legal_actions.actions.includes("CHECK") ? "CHECK" : "CALL").catch(() => {});
  }
}
const log = (person) => person.page.getByRole("log");
const toEnd = (person) => log(person).evaluate((e) => Math.round(e.scrollHeight - e.scrollTop - e.clientHeight));
const lines = (person) =>
  log(person).evaluate((e) => [...e.querySelectorAll("li")].map((li) => li.textContent.replaceAll(/\s+/g, " ").trim()));

test("the log follows the game, however its lines and its own scrolling fall together", { timeout: 120_000 }, async () => {
  const { anna, people } = await table();
  for (let n = 0; n < 4; n++) await playHand(people);
  await until("more lines than fit", () => log(anna).evaluate((e) => e.scrollHeight > e.clientHeight + 200));
  await until("at its end", async () => (await toEnd(anna)) <= 1);

  // A line in one frame, and two more before the browser tells of the scrolling that the first one caused.
  await log(anna).evaluate(async (box) => {
    const list = box.querySelector("ol");
    const line = () =>
      list.append(Object.assign(document.createElement("li"), { className: "probe", textContent: "A line of the test" }));
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    for (let n = 0; n < 40; n++) {
      await frame();
      line();
      await frame();
      await new Promise((done) => setTimeout(done)); // after this frame's layout and scrolling, before the next one's events
      line();
      line();
    }
    await frame();
    await frame();
  });
  assert.ok((await toEnd(anna)) <= 1, "still at its end");
  await log(anna).evaluate((box) => box.querySelectorAll(".probe").forEach((e) => e.remove()));

  // Who scrolls back is left in peace, and finds the way to the end again.
  await log(anna).hover();
  await anna.page.mouse.wheel(0, -300);
  await anna.button("Newest").waitFor();
  const place = await log(anna).evaluate((e) => e.querySelectorAll("li")[0].getBoundingClientRect().top);
  await playHand(people);
  assert.ok((await toEnd(anna)) > 100, "not torn away");
  assert.equal(await log(anna).evaluate((e) => e.querySelectorAll("li")[0].getBoundingClientRect().top), place);
  await anna.button("Newest").click();
  await until("at the end again", async () => (await toEnd(anna)) <= 1);
  assert.equal(await anna.page.getByRole("button", { name: "Newest" }).count(), 0);
  await playHand(people);
  await until("and followed again", async () => (await toEnd(anna)) <= 1);

  // On a phone the log is a sheet that is closed most of the time.
  await anna.page.setViewportSize(PHONE);
  await playHand(people);
  await anna.button("Log").click();
  await until("opened at its end", async () => (await log(anna).isVisible()) && (await toEnd(anna)) <= 1);
  await allIsWell([anna]);
});

test("after a reload in the middle of a hand the log has every line, and those of the hands before", {
  timeout: 120_000,
}, async () => {
  const { anna, people } = await table();
  await playHand(people);
  await until("the second hand", async () => (await anna.hydrate()).hand.number === 2);
  const flop = async () => (await anna.hydrate()).hand.phase === "flop";
  while (!(await flop()))
    await (await whoActs(people))
      .act((await (await whoActs(people)).hydrate()).me.legal_actions.actions.includes("CHECK") ? "CHECK" : "CALL")
      .catch(() => {});
  await until("the flop is told", async () => (await lines(anna)).filter((l) => l.startsWith("Flop")).length === 2);
  const before = await lines(anna);
  for (const text of ["Hand #1", "Hand #2", "Turn", "River"])
    assert.ok(
      before.some((l) => l.startsWith(text)),
      text,
    );
  assert.equal(before.filter((l) => l.includes("small blind")).length, 2);

  await anna.page.reload();
  await dealt(anna);
  await until("the same lines", async () => {
    assert.deepEqual(await lines(anna), before);
    return true;
  });
  await allIsWell([anna]);
});

test("a snapshot that overtakes events costs no line", { timeout: 120_000 }, async () => {
  const { anna, people } = await table();
  // Every frame of the socket comes late, so that snapshots are always first.
  const late = await anna.newTab((page) =>
    page.routeWebSocket(/\/ws$/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((m) => server.send(m));
      const waiting = [];
      server.onMessage((m) => {
        waiting.push(m);
        setTimeout(
          () => socket.send(waiting.shift()),
          /"seq"/.test(String(m)) && !/authenticated|heartbeat/.test(String(m)) ? 400 : 0,
        );
      });
    }),
  );
  await late.goto(anna.page.url() === "about:blank" ? anna.context.pages()[0].url() : anna.page.url());
  await dealt(anna);
  await playHand(people);
  await until("the next hand", async () => (await anna.hydrate()).hand.number >= 2);
  await until("every street and every check is told", async () => {
    const said = await lines(anna);
    const { events } = await anna.call("GET", (room) => `/api/rooms/${room}/events?after=0&limit=500`);
    const first = events.filter((e) => e.type === "hand_complete")[0].seq;
    const count = (type) => events.filter((e) => e.type === type && e.seq < first).length;
    assert.equal(
      said.slice(0, said.indexOf("Hand #2")).filter((l) => /^(Flop|Turn|River)/.test(l)).length,
      count("street_advanced"),
    );
    assert.equal(
      said.slice(0, said.indexOf("Hand #2")).filter((l) => / (checks?|calls? .*)$/.test(l)).length,
      count("player_action"),
    );
    return true;
  });
  await allIsWell([anna]);
});
