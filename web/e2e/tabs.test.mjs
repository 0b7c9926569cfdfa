// One player in two places: two tabs of one browser, and one account on two machines.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Bot, comeIn, dealt, letIn, askToJoin, openHouse, openTable, sit, start, until, checkOrCall } from "./kit.mjs";
import { accessible } from "./looks.mjs";
import { allIsWell } from "./verdict.mjs";

const house = openHouse();

test("of two tabs the newer one plays; the other says so and takes the table back only when asked", {
  timeout: 120_000,
}, async () => {
  const bot = await Bot.named(house.base, "Robin");
  const { room, link } = await bot.open({ actionTimeoutSecs: 0 });
  const anna = await house.meet("Anna");
  await comeIn(anna, link);
  await sit(anna, 1);
  await bot.sit(1, 200);
  await bot.call("POST", `/api/rooms/${room.id}/start`);
  await dealt(anna);
  const cards = await anna.cards();

  const older = anna.page;
  const newer = await anna.newTab();
  const stopped = (page) => page.getByText("This table is open in another tab.");
  const signIns = (page) =>
    anna.heard.filter((item) => item.page === page && item.kind === "frame" && JSON.parse(item.text).type === "authenticated")
      .length;
  await newer.goto(link);
  await stopped(older).waitFor();
  await dealt(anna);
  assert.deepEqual(await anna.cards(), cards, "the newer tab has the same cards");
  assert.equal(await stopped(newer).count(), 0);

  await until("Anna's turn", async () => (await anna.mayAct()) || ((await bot.mayAct()) && (await bot.act("CALL")), false));
  anna.page = older;
  await accessible(anna, "open in another tab");
  for (const button of await anna.bar().getByRole("button").all())
    assert.ok(await button.isDisabled(), "nothing can be pressed in the older tab");
  // Whatever wakes a page must not make it fight for the table.
  for (const page of [older, newer, older]) {
    await page.bringToFront();
    await page.evaluate(() => ["online", "focus"].forEach((type) => window.dispatchEvent(new Event(type))));
  }
  anna.page = newer;
  await checkOrCall(anna);
  for (const end = Date.now() + 3000; Date.now() < end; await sleep(100)) {
    assert.deepEqual([signIns(older), signIns(newer)], [1, 1], "each tab has signed in once, and neither comes back by itself");
    assert.ok(await stopped(older).isVisible());
  }

  await older.bringToFront();
  await older.getByRole("button", { name: "Use here" }).click();
  await stopped(newer).waitFor();
  await stopped(older).waitFor({ state: "hidden" });
  await until("the older tab has signed in again", () => signIns(older) === 2);
  assert.equal(signIns(newer), 1);
  anna.page = older;
  await until(
    "Anna's turn in the older tab",
    async () => (await anna.mayAct()) || ((await bot.mayAct()) && (await bot.act("CHECK")), false),
  );
  await checkOrCall(anna);
  await allIsWell([anna]);
});

test("a guest keeps the seat by making an account, and has it on another machine too", { timeout: 120_000 }, async () => {
  const [host, anna, there] = await Promise.all([house.meet("Dana"), house.meet("Anna"), house.meet("Anna")]);
  const link = await openTable(host, house.base);
  await askToJoin(anna, link);
  await letIn(host, anna);
  await sit(host, 1);
  await sit(anna, 2);
  await start(host, [host, anna]);
  const cards = await anna.cards();

  const account = async (person, how, email, password) => {
    await person.page.goto(house.base);
    await person.page
      .locator("summary", { hasText: /account/ })
      .last()
      .click();
    if (how === "Log in") await person.page.getByRole("group", { name: "Account" }).getByRole("button", { name: how }).click();
    await person.page.getByLabel("Email").fill(email);
    await person.page.locator(".account").getByLabel("Password").fill(password);
    await person.page.locator(".account form").getByRole("button", { name: how }).last().click();
  };
  await account(anna, "Make the account", "anna@example.org", "correct horse battery");
  await anna.page.getByText("Logged in as Anna").waitFor();
  await accessible(anna, "lobby with an account");
  await anna.page.getByRole("link", { name: /Dana's|seat 2/ }).click();
  await dealt(anna);
  assert.deepEqual(await anna.cards(), cards, "seat and cards are those of the guest");

  there.expect(401, "/api/auth/login");
  await account(there, "Log in", "anna@example.org", "wrong horse battery");
  await there.page.getByText("That address and password don't match.").waitFor();
  await there.page.locator(".account").getByLabel("Password").fill("correct horse battery");
  await there.page.locator(".account form").getByRole("button", { name: "Log in" }).last().click();
  await there.page.getByText("Logged in as Anna").waitFor();
  await there.page.getByRole("link", { name: /seat 2/ }).click();
  await dealt(there);
  assert.deepEqual(await there.cards(), cards, "the other machine has the same seat");
  await until("Anna's turn", async () => (await there.mayAct()) || ((await host.mayAct()) && (await checkOrCall(host)), false));
  await checkOrCall(there);

  await anna.page.goto(house.base);
  await anna.button("Log out").click();
  await anna.page.locator("summary", { hasText: "Log in or make an account" }).waitFor();
  await allIsWell([host, there]);
});
