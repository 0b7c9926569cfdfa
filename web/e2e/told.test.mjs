// What happens to somebody is told to them, and what they open or leave costs them nothing unasked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bot, comeIn, dealt, askToJoin, letIn, openHouse, openTable, PHONE, rest, sit, start, until } from "./kit.mjs";
import { accessible, fits } from "./looks.mjs";
import { allIsWell } from "./verdict.mjs";

const house = openHouse();
const CALM = { actionTimeoutSecs: 0, betweenHandsSecs: 0, minBuyIn: 10, maxBuyIn: 1000 };
const messages = (person) => person.page.getByRole("region", { name: "Messages" });
const openHost = async (person) => {
  await person.button(/^Host/).click();
  return person.page.getByRole("complementary", { name: "Host" });
};

test("a room that changes hands: the new host is told, the old one has the log where the panel was", {
  timeout: 120_000,
}, async () => {
  const [host, anna] = await Promise.all(["Dana", "Anna"].map((name) => house.meet(name)));
  const link = await openTable(host, house.base);
  await askToJoin(anna, link);
  await letIn(host, anna);
  for (const [i, person] of [host, anna].entries()) await sit(person, i + 1);
  await start(host, [host, anna]);
  await anna.page.setViewportSize(PHONE);

  const panel = await openHost(host);
  await host.button("Chips of Anna", panel).click();
  const chips = panel.getByRole("group", { name: "Chips of Anna" });
  await chips.getByLabel("Amount").fill("100");
  await chips.getByLabel("Reason").fill("for the pizza");
  await host.button("Give 100", chips).click();
  await chips.waitFor({ state: "hidden" });
  await host.button("Pause", panel).click();
  await host.button("Go on", panel).waitFor();
  assert.equal(await host.page.getByRole("log").isVisible(), false, "the panel lies where the log was");

  await panel.getByLabel("Hand the room over to").selectOption("Anna");
  await host.button("Make Anna the host", panel).click();
  await messages(anna).getByText("You are the host now").waitFor();
  await until("it is said aloud too", async () => (await anna.said()).startsWith("You are the host now"));
  await panel.waitFor({ state: "hidden" });
  assert.ok(await host.page.getByRole("log").isVisible(), "the old host has the log back");
  await accessible(host, "after handing the room over");
  await fits(anna, "the new host on a phone");

  // Back and forth: a panel that was open then isn't open now.
  await (await openHost(anna)).getByLabel("Hand the room over to").selectOption("Dana");
  await anna.button("Make Dana the host").click();
  await messages(host).getByText("You are the host now").waitFor();
  assert.ok(await host.page.getByRole("log").isVisible());
  await host.call("POST", (room) => `/api/rooms/${room}/resume`);

  // The chips come when the hand ends.
  await until("the hand is over", async () => {
    const doc = await host.hydrate();
    if (doc.hand.number > 1 || doc.hand.phase === "complete") return true;
    for (const person of [host, anna]) {
      const own = await person.hydrate();
      if (own.me.legal_actions)
        await person.call("POST", `/api/games/${own.game.id}/actions`, { action: "FOLD", turn: own.timer.turn });
    }
    return false;
  });
  await messages(anna).getByText("You get 100 chips from the host: for the pizza").waitFor();
  await allIsWell([host, anna]);
});

test("who is blocked while asking is told so, also after a reload, and is offered nothing that can't work", {
  timeout: 60_000,
}, async () => {
  const [host, eve] = await Promise.all(["Dana", "Eve"].map((name) => house.meet(name)));
  const link = await openTable(host, house.base);
  await askToJoin(eve, link);
  const panel = await openHost(host);
  await host.button("Block Eve", panel).click();
  const told = async () => {
    await eve.page.getByRole("heading", { name: "You can't join this table" }).waitFor();
    await eve.page.getByText("The host has blocked you here.").waitFor();
    assert.equal(await eve.page.getByRole("button", { name: /Ask|Try/ }).count(), 0);
  };
  await told();
  await eve.page.reload();
  await told();
  await accessible(eve, "blocked");

  // The host can take it back.
  await panel.getByText("Blocked: 1").click();
  await accessible(host, "somebody is blocked");
  await host.button("Unblock Eve", panel).click();
  await panel.getByText("Blocked: 1").waitFor({ state: "hidden" });
  await eve.page.reload();
  await eve.button("Ask to join").waitFor();
  await allIsWell([host]);
});

test("settings lie over the table: the connection stays up, and the way back leads where one came from", {
  timeout: 60_000,
}, async () => {
  const bot = await Bot.named(house.base, "Robin");
  const { room, link } = await bot.open(CALM);
  const anna = await house.meet("Anna");
  const lines = [];
  anna.page.on("websocket", (socket) =>
    lines.push({
      closed: false,
      ...(socket.on("close", () => (lines.find((l) => l.socket === socket).closed = true)), { socket }),
    }),
  );
  await comeIn(anna, link);
  await sit(anna, 1);
  await bot.sit(1, 200);
  await bot.call("POST", `/api/rooms/${room.id}/start`);
  await dealt(anna);
  const cards = await anna.cards();

  await anna.button("Menu").click();
  await anna.button("Device settings").click();
  const sheet = anna.page.getByRole("dialog", { name: "Device settings" });
  await sheet.getByRole("radio", { name: "Two colours" }).check();
  assert.equal(await anna.page.evaluate(() => document.documentElement.dataset.deck), "two");
  await accessible(anna, "settings over the table");
  await fits(anna, "settings over the table");
  assert.equal(anna.page.url(), link);
  await anna.button("Close", sheet).click();
  await sheet.waitFor({ state: "hidden" });
  assert.deepEqual(await anna.cards(), cards);

  await anna.page.goto(`${link}?view=text`);
  await anna.page.getByRole("heading", { name: "What you can do" }).waitFor();
  const before = lines.length;
  await anna.button("Settings").click();
  await sheet.getByRole("radio", { name: "Four colours" }).check();
  await anna.button("Close", sheet).click();
  assert.equal(lines.length, before);
  assert.equal(lines.at(-1).closed, false, "no line was closed for the settings");
  await accessible(anna, "text view");

  // As a page of its own it leads back to the page before.
  await anna.page.goto(`${link}/history`);
  await anna.page.getByRole("link", { name: "Settings" }).click();
  await anna.page.getByRole("heading", { name: "Device settings" }).waitFor();
  await anna.page.getByRole("link", { name: "Back" }).click();
  await anna.page.waitForURL(/\/history$/);
  await allIsWell([anna]);
});

test("leaving asks once more while there are chips to lose, and not otherwise", { timeout: 60_000 }, async () => {
  const bot = await Bot.named(house.base, "Robin");
  const { room, link } = await bot.open(CALM);
  const [anna, cleo] = await Promise.all(["Anna", "Cleo"].map((name) => house.meet(name)));
  await comeIn(anna, link);
  await comeIn(cleo, link);
  await sit(anna, 1);
  await bot.sit(1, 200);
  await bot.call("POST", `/api/rooms/${room.id}/start`);
  await dealt(anna);
  await anna.button("Menu").click();
  await anna.button("Leave the room…").click();
  const sure = anna.page.getByRole("group", { name: "Leave the room" });
  await sure.getByText("Leaving folds this hand; your chips are cashed out when it ends.").waitFor();
  await accessible(anna, "leaving");
  assert.equal((await anna.hydrate()).seats[0].has_folded, false);
  await anna.button("Stay", sure).click();
  await anna.button("Leave the room…").click();
  await anna.button("Leave the room", sure).click();
  await anna.page.getByRole("heading", { name: "You have left" }).waitFor();

  await cleo.button("Menu").click();
  await cleo.page.getByRole("button", { name: "Leave the room", exact: true }).click();
  await cleo.page.getByRole("heading", { name: "You have left" }).waitFor();
  for (const person of [anna, cleo]) assert.deepEqual(person.wrong, []);
});

test("what can be done is all that is offered: at the end of a game, to spectators, before the flop", {
  timeout: 120_000,
}, async () => {
  const bots = await Promise.all(["Robin", "Sam"].map((name) => Bot.named(house.base, name)));
  const { room, link } = await bots[0].open(CALM);
  await bots[1].join(room.id);
  const anna = await house.meet("Anna");
  await comeIn(anna, link);
  for (const [i, bot] of bots.entries()) await bot.sit(i, 200);
  await bots[0].call("POST", `/api/rooms/${room.id}/start`);
  await until("two hands", async () => {
    for (const bot of bots) if (await bot.mayAct()) await bot.act("FOLD");
    return (await bots[0].hydrate()).game.hand_number >= 3;
  });
  await anna.page.getByRole("link", { name: "All hands" }).click();
  await anna.page.getByRole("link", { name: /^#1/ }).waitFor();
  assert.equal(await anna.page.getByRole("button", { name: "Only those I won" }).count(), 0, "a spectator has won none");
  await anna.page.goto(link);
  await sit(anna, 3);
  await until("a hand with Anna", async () => {
    for (const bot of bots) if (await bot.mayAct()) await bot.act("FOLD");
    return (await anna.cards()).length === 2;
  });
  for (let n = 0; n < 4; n++) {
    await dealt(anna);
    const [a, b] = await anna.cards();
    const label = await anna.page.locator(".strength").count();
    assert.equal(label > 0, a.split("_")[1] === b.split("_")[1], `${a} ${b}: only a pair is a hand before the flop`);
    const { game } = await anna.hydrate();
    await until("the next hand", async () => {
      for (const person of [
        ...bots,
        {
          mayAct: async () => Boolean((await anna.hydrate()).me.legal_actions),
          act: async (action) =>
            anna.call("POST", `/api/games/${game.id}/actions`, { action, turn: (await anna.hydrate()).timer.turn }),
        },
      ])
        if (await person.mayAct()) await person.act("FOLD");
      return (await anna.hydrate()).game.hand_number > game.hand_number;
    });
  }
  await anna.call("DELETE", (id) => `/api/rooms/${id}/seat`);
  await bots[0].call("POST", `/api/rooms/${room.id}/end`);
  await until("the game is over", async () => {
    for (const bot of bots) if (await bot.mayAct().catch(() => false)) await bot.act("FOLD");
    return (await bots[0].hydrate()).game.status === "completed";
  });
  await anna.page.locator(".felt").getByText("The game is over.").waitFor();
  assert.equal(await anna.page.getByRole("button", { name: "Watch" }).count(), 0);
  await allIsWell([anna]);
});

test("what a form lets through the server takes, and the next number is one that it refuses", { timeout: 60_000 }, async () => {
  const anna = await house.meet("Anna");
  await anna.page.goto(house.base);
  await anna.page.getByText("More: seats, blinds, buy-in, clock, password").click();
  const { token } = await rest(house.base, null, "POST", "/api/auth/guest", { displayName: "Limits" });
  const KEYS = {
    Seats: "seats",
    Ante: "ante",
    "Small blind": "smallBlind",
    "Big blind": "bigBlind",
    "Min. buy-in": "minBuyIn",
    "Max. buy-in": "maxBuyIn",
    "Time to act": "actionTimeoutSecs",
    "Time bank": "timebankSecs",
    "Pause between hands": "betweenHandsSecs",
    "Max. members": "maxMembers",
  };
  const wide = { smallBlind: 1, bigBlind: 1e12, ante: 0, minBuyIn: 1, maxBuyIn: 1e12 };
  const around = { smallBlind: {}, bigBlind: { smallBlind: 1 }, ante: {}, minBuyIn: {}, maxBuyIn: { minBuyIn: 1 } };
  const open = async (settings) => {
    const answer = await fetch(`${house.base}/api/rooms`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ displayName: "Limits", settings: { ...wide, ...settings } }),
    });
    const body = await answer.json();
    if (answer.ok) await rest(house.base, token, "POST", `/api/rooms/${body.room.id}/end`, {}).catch(() => {});
    return answer.ok || body.code;
  };
  for (const [label, key] of Object.entries(KEYS)) {
    const field = anna.page.getByLabel(label, { exact: false }).first();
    const [least, most] = await field.evaluate((e) => [Number(e.min), Number(e.max)]);
    for (const value of [least, most]) assert.equal(await open({ ...around[key], [key]: value }), true, `${key} ${value}`);
    for (const value of [least - 1, most + 1])
      assert.equal(await open({ ...around[key], [key]: value }), "INVALID_SETTINGS", `${key} ${value}`);
  }
  // Together: an ante above the big blind is said before anything is sent; a small buy-in is a choice.
  const fill = (label, n) => anna.page.getByLabel(label).first().fill(String(n));
  await fill("Min. buy-in", 1);
  assert.equal(await anna.page.getByRole("alert").filter({ hasText: "buy-in" }).count(), 0);
  await fill("Ante", 1000);
  await anna.page.getByText("The ante can't be larger than the big blind.").waitFor();
  assert.ok(await anna.button("Open the table").isDisabled());
  assert.deepEqual(anna.wrong, []);
});
