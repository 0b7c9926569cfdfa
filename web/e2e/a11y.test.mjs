// Every screen on the way to the table and at it, looked over by axe for WCAG 2.2 AA; and nothing sticks out of a small phone.
// States that take a story of their own (another tab, an error, a showdown …) are looked over where that story is told.

import { test } from "node:test";
import { checkOrCall, letIn, openHouse, openTable, PHONE, sit, start, until, whoActs } from "./kit.mjs";
import { accessible, fits } from "./looks.mjs";
import { allIsWell } from "./verdict.mjs";

const house = openHouse();

test("no screen has an accessibility fault, and a small phone shows all of it", { timeout: 120_000 }, async () => {
  const [host, anna] = await Promise.all([house.meet("Dana"), house.meet("Anna", { viewport: PHONE })]);
  for (const person of [host, anna]) {
    await person.page.goto(house.base);
    await person.button("Open the table").waitFor();
    await accessible(person, "lobby");
  }
  await fits(anna, "lobby");
  for (const summary of ["More: seats, blinds, buy-in, clock, password", "Log in or make an account"])
    await anna.page.getByText(summary).click();
  await accessible(anna, "lobby with everything unfolded");
  await fits(anna, "lobby with everything unfolded");
  await anna.page.goto(`${house.base}/settings`);
  await anna.page.getByRole("heading", { name: "Device settings" }).waitFor();
  await accessible(anna, "settings");
  await fits(anna, "settings");

  const link = await openTable(host, house.base);
  await accessible(host, "table with empty seats");

  await anna.page.goto(link);
  await anna.page.getByLabel("Your name at the table").fill(anna.name);
  await accessible(anna, "name");
  await fits(anna, "name");
  await anna.button("Go on").click();
  await anna.button("Ask to join").waitFor();
  await accessible(anna, "join form");
  await fits(anna, "join form");
  await anna.button("Ask to join").click();
  await anna.page.getByRole("heading", { name: /^Waiting for/ }).waitFor();
  await accessible(anna, "waiting");
  await fits(anna, "waiting");

  await host.page.getByRole("region", { name: "Join requests" }).waitFor();
  await accessible(host, "table with a request");
  const panel = host.page.getByRole("complementary", { name: "Host" });
  await host.button(/^Host/).click();
  await panel.getByRole("heading", { name: "Requests" }).waitFor();
  await accessible(host, "host panel with a request");
  await host.button("Close the host panel").click();

  await letIn(host, anna);
  await host.button(/^Sit.*seat 1$/i).click();
  await host.page.getByRole("dialog").waitFor();
  await accessible(host, "taking a seat");
  await host.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await sit(host, 1);
  await sit(anna, 2);
  await start(host, [host, anna]);

  for (const street of [0, 3]) {
    for (const person of [host, anna])
      await until(`${street} cards on the board`, async () => (await person.board()).length === street);
    for (let looked = new Set(); looked.size < 2; ) {
      const person = await whoActs([host, anna]);
      const other = person === host ? anna : host;
      await accessible(person, "table, to act");
      await accessible(other, "table, waiting");
      await fits(anna, "table");
      if (person === host && street === 0) {
        await host.button(/^Host/).click();
        await panel.getByRole("heading", { name: "People" }).waitFor();
        await accessible(host, "host panel");
        await host.button("Close the host panel").click();
      }
      if (person === anna && street === 3) {
        await anna.bar().getByRole("button", { name: /^Bet/ }).click();
        await anna.page.getByRole("group", { name: /size$/ }).waitFor();
        await accessible(anna, "choosing an amount");
        await fits(anna, "choosing an amount");
        await anna.bar().getByRole("button", { name: "Back" }).click();
        await anna.button("Menu").click();
        await anna.page.getByRole("dialog").waitFor();
        await accessible(anna, "menu");
        await fits(anna, "menu");
        await anna.button("Keys", anna.page.getByRole("dialog")).click();
        await accessible(anna, "keys");
        await fits(anna, "keys");
        await anna.button("Close", anna.page.getByRole("dialog")).click();
      }
      looked.add(person);
      await checkOrCall(person);
    }
  }
  await allIsWell([host, anna]);
});
