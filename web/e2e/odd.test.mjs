// States nobody plans for. Each has a page with words and a way on; none is blank.

import assert from "node:assert/strict";
import { test } from "node:test";
import { arrive, Bot, openHouse, PHONE, until } from "./kit.mjs";
import { accessible, fits } from "./looks.mjs";

const house = openHouse();
const heading = (person, name) => person.page.getByRole("heading", { name, level: 1 });

test("an unknown code, a full, a closed and a forbidden table, and hands that aren't there, each say what is the matter", {
  timeout: 120_000,
}, async () => {
  const host = await Bot.named(house.base, "Robin");
  const room = (path) => `/api/rooms/${host.roomId}${path}`;
  const eve = await house.meet("Eve", { viewport: PHONE });
  const { page } = eve;
  const see = async (title, text) => {
    await heading(eve, title).waitFor();
    await page.getByText(text).first().waitFor();
    assert.ok(
      await page.getByRole("main").getByRole("link").or(page.getByRole("main").getByRole("button")).count(),
      `${title}: there is a way on`,
    );
    await accessible(eve, title);
    await fits(eve, title);
  };

  eve.expect(404, "/api/rooms/code/NOSUCHCODE");
  await arrive(eve, `${house.base}/r/NOSUCH-CODE`);
  await see("No such table", "There is no table with this code.");
  await page.goto(`${house.base}/r/NOSUCHCODE/history`);
  await see("Hands", "There is no room with this code.");
  await page.goto(`${house.base}/no/such/page`);
  await see("There is nothing at this address", "Check the link, or start from the lobby.");

  const full = await host.open({ maxMembers: 2 });
  await (await Bot.named(house.base, "Sam")).join(full.room.id);
  eve.expect(409, room("/join"));
  await page.goto(full.link);
  await eve.button("Come in").click();
  await see("This table is full", "Nobody else fits in at the moment.");

  const shut = await host.open({ betweenHandsSecs: 30 });
  const sam = await Bot.named(house.base, "Sam");
  await sam.join(shut.room.id);
  await host.sit(0, 100);
  await sam.sit(1, 100);
  await host.call("POST", room("/start"));
  await until("the hand is over", async () => {
    const doc = await host.hydrate();
    if (doc.hand?.phase === "complete") return true;
    await (doc.me.legal_actions ? host : sam).act("FOLD");
    return null;
  });
  // Not hers to see: she never was in that room.
  eve.expect(403, room("/hands"));
  await page.goto(`${shut.link}/h/1`);
  await see("Hand #1", "The host has not let you in yet.");
  await page.goto(`${shut.link}/history`);
  await see(/^Hands/, "The host has not let you in yet.");
  // Inside, a hand that was never played is simply not there.
  await page.goto(shut.link);
  await eve.button("Come in").click();
  await page.getByRole("list", { name: "Seats" }).waitFor();
  await page.goto(`${shut.link}/h/99`);
  await see("Hand #99", "There is no such hand, or it is still being played.");
  await page.goto(shut.link);
  await page.getByRole("list", { name: "Seats" }).waitFor();
  const { me } = await eve.hydrate();
  // A document that she has asked for may meet it.
  eve.expect(403, room("/hydrate"));
  await host.call("POST", room("/kick"), { userId: me.user_id, ban: true });
  await see("You can't join this table", "The host has blocked you here.");
  await page.reload();
  await see("You can't join this table", "The host has blocked you here.");

  await host.call("POST", room("/end"));
  const late = await house.meet("Late");
  await arrive(late, shut.link);
  await heading(late, "This table is closed").waitFor();
  await accessible(late, "This table is closed");
  for (const person of [eve, late]) assert.deepEqual(person.wrong, []);
});

test("a lobby whose server goes away keeps what was typed, says so, and goes on by itself", { timeout: 120_000 }, async () => {
  const dana = await house.meet("Dana");
  const { page } = dana;
  await page.goto(house.base);
  await page.getByLabel("Your name at the table").fill("Dana");
  await page.getByLabel("Name of the table").fill("Friday");

  dana.outage = true;
  await house.server.kill();
  await dana.button("Open the table").click();
  const notice = page.getByText("Can't reach the server. What you type stays here; we keep trying.");
  await notice.waitFor();
  await page.getByRole("alert").getByText("Can't reach the server.").waitFor();
  await accessible(dana, "lobby without a server");
  assert.equal(await page.getByLabel("Name of the table").inputValue(), "Friday");

  await house.server.start();
  await notice.waitFor({ state: "hidden" });
  dana.outage = false;
  await dana.button("Open the table").click();
  await page.getByRole("heading", { name: "Friday" }).waitFor();

  // Nobody's room can be shown while the server is away; the page says that too, and comes back.
  dana.outage = true;
  await page.goto(house.base);
  await page.getByRole("link", { name: /Friday/ }).waitFor();
  await house.server.kill();
  await page.getByRole("link", { name: /Friday/ }).click();
  await heading(dana, "Can't reach the server").waitFor();
  await accessible(dana, "room without a server");
  await house.server.start();
  await page.getByRole("list", { name: "Seats" }).waitFor();
  assert.deepEqual(dana.wrong, []);
});
