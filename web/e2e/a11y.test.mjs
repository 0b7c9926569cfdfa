// Every screen on the way to the table and at it, looked over by axe for WCAG 2.2 AA; and nothing sticks out of a small phone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { letIn, openBrowser, openTable, Person, press, Server, sit, start, until, whoActs } from "./kit.mjs";

const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

const server = new Server();
let browser;
before(async () => {
  await server.start();
  browser = await openBrowser();
}, { timeout: 60_000 });
after(async () => {
  await browser?.close();
  await server.stop();
}, { timeout: 60_000 });

/** What axe finds on the page as it is when everything that moves has come to rest. */
async function look({ page }, screen) {
  await page.evaluate(() => {
    const finite = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity && a.effect.getComputedTiming().endTime < 2000);
    return Promise.race([Promise.allSettled(finite.map((a) => a.finished)), new Promise((done) => setTimeout(done, 2500))]).then(() => null);
  });
  await page.evaluate(AXE);
  const found = await page.evaluate(async (tags) => {
    const { violations, passes } = await window.axe.run(document, { runOnly: { type: "tag", values: tags } });
    return { checked: passes.length, violations: violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")} ${n.html.slice(0, 120)} ${n.any[0]?.message ?? n.all[0]?.message ?? ""}`)) };
  }, TAGS);
  assert.ok(found.checked > 5, `axe looked at ${screen}`);
  assert.deepEqual(found.violations, [], screen);
}
async function fits({ page }, screen) {
  const [wide, room] = await page.evaluate(() => [document.scrollingElement.scrollWidth, innerWidth]);
  assert.ok(wide <= room, `${screen} is ${wide} px wide on a screen of ${room}`);
  const cut = await page.getByRole("button").evaluateAll((all) => all.filter((b) => b.checkVisibility()).map((b) => [b.getBoundingClientRect(), b.textContent]).filter(([r]) => r.width > 1 && (r.left < -0.5 || r.right > innerWidth + 0.5)).map(([r, text]) => `${text} ${r.left} to ${r.right}`));
  assert.deepEqual(cut, [], `${screen}: every button lies on the screen`);
}

test("no screen has an accessibility fault, and a small phone shows all of it", { timeout: 120_000 }, async () => {
  const [host, anna] = await Promise.all([
    Person.meet(browser, "Dana"),
    Person.meet(browser, "Anna", { viewport: { width: 360, height: 640 } }),
  ]);
  for (const person of [host, anna]) {
    await person.page.goto(server.base);
    await person.button("Open the table").waitFor();
    await look(person, `lobby of ${person.name}`);
  }
  await fits(anna, "lobby");

  const link = await openTable(host, server.base);
  await look(host, "table with empty seats");

  await anna.page.goto(link);
  await anna.page.getByLabel("Your name at the table").fill(anna.name);
  await look(anna, "name");
  await fits(anna, "name");
  await anna.button("Go on").click();
  await anna.button("Ask to join").waitFor();
  await look(anna, "join form");
  await fits(anna, "join form");
  await anna.button("Ask to join").click();
  await anna.page.getByRole("heading", { name: /^Waiting for/ }).waitFor();
  await look(anna, "waiting");
  await fits(anna, "waiting");

  await host.page.getByRole("region", { name: "Join requests" }).waitFor();
  await look(host, "table with a request");
  const panel = host.page.getByRole("complementary", { name: "Host" });
  await host.button(/^Host/).click();
  await panel.getByRole("heading", { name: "Requests" }).waitFor();
  await look(host, "host panel with a request");
  await host.button("Close the host panel").click();

  await letIn(host, anna);
  await host.button(/^Sit.*seat 1$/i).click();
  await host.page.getByRole("dialog").waitFor();
  await look(host, "taking a seat");
  await host.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await sit(host, 1);
  await sit(anna, 2);
  await start(host, [host, anna]);

  for (const street of [0, 3]) {
    for (const person of [host, anna]) await until(`${street} cards on the board`, async () => (await person.board()).length === street);
    for (let looked = new Set(); looked.size < 2; ) {
      const person = await whoActs([host, anna]);
      const other = person === host ? anna : host;
      await look(person, `table of ${person.name}, to act`);
      await look(other, `table of ${other.name}, waiting`);
      await fits(anna, "table");
      if (person === host && street === 0) {
        await host.button(/^Host/).click();
        await panel.getByRole("heading", { name: "People" }).waitFor();
        await look(host, "host panel");
        await host.button("Close the host panel").click();
      }
      if (person === anna && street === 3) {
        await anna.bar().getByRole("button", { name: /^Bet/ }).click();
        await anna.page.getByRole("group", { name: /size$/ }).waitFor();
        await look(anna, "choosing an amount");
        await fits(anna, "choosing an amount");
        await anna.bar().getByRole("button", { name: "Back" }).click();
      }
      looked.add(person);
      await press(person, (await person.bar().getByRole("button", { name: "Check" }).count()) ? "Check" : /^Call/);
    }
  }
  for (const person of [host, anna]) assert.deepEqual(person.wrong, []);
});
