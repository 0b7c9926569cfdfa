// What only the host can do, through the page: each says what it will do and when, and does it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOrCall, dealt, askToJoin, letIn, openHouse, openTable, sit, start, until, whoActs } from "./kit.mjs";
import { accessible } from "./looks.mjs";
import { allIsWell } from "./verdict.mjs";

const house = openHouse();

test("the host lets in and refuses, pauses, changes blinds, removes, adjusts chips, hands the room over and ends the game", {
  timeout: 180_000,
}, async () => {
  const [host, anna, ben, cleo, eve] = await Promise.all(["Dana", "Anna", "Ben", "Cleo", "Eve"].map((name) => house.meet(name)));
  const link = await openTable(host, house.base);
  for (const guest of [anna, ben]) {
    await askToJoin(guest, link);
    await letIn(host, guest);
  }
  for (const [i, person] of [host, anna, ben].entries()) await sit(person, i + 1);

  // One key lets the first one in, wherever the host's eyes are; the number of those who wait is on the button.
  await askToJoin(cleo, link);
  await host.button(/^Host\s*1 waiting$/).waitFor();
  await until("the title counts too", async () => (await host.page.title()).startsWith("(1) "));
  await host.page.keyboard.press("Alt+Shift+A");
  await cleo.page.getByRole("list", { name: "Seats" }).waitFor();
  await host.button(/^Host$/).waitFor();

  await askToJoin(eve, link);
  await host.button("Refuse", host.page.getByRole("region", { name: "Join requests" })).click();
  await eve.page.getByRole("heading", { name: "Not let in" }).waitFor();
  await eve.page.getByText("The host did not let you in this time.").waitFor();
  await accessible(eve, "refused");

  await start(host, [host, anna, ben]);
  const players = [host, anna, ben];
  const open = async (person) => {
    await person.button(/^Host/).click();
    await person.page.getByRole("complementary", { name: "Host" }).getByRole("heading", { name: "People" }).waitFor();
    return person.page.getByRole("complementary", { name: "Host" });
  };
  const panel = await open(host);

  await panel.getByText("A pause stops the clock at once and deals no new hand.").waitFor();
  await host.button("Pause", panel).click();
  for (const person of players) await person.page.getByText("Paused by Dana").waitFor();
  for (const person of players) assert.equal(await person.mayAct(), false, `nothing can be pressed by ${person.name} in a pause`);
  await accessible(anna, "paused");
  await host.button("Go on", panel).click();
  for (const person of players) await person.page.getByText("Paused by Dana").waitFor({ state: "hidden" });
  await whoActs(players);

  await panel.getByLabel("Small blind").fill("10");
  await panel.getByLabel("Big blind").fill("20");
  await host.button("Apply from the next hand", panel).click();
  for (const person of [host, anna, cleo]) await person.page.getByText("next 10 / 20", { exact: true }).waitFor();
  assert.equal((await host.hydrate()).hand.big_blind, 10, "this hand is played with the old blinds");

  const before = await host.hydrate();
  const stack = (doc, name) => doc.seats.find((s) => s.display_name === name)?.chips;
  await host.button("Chips of Anna", panel).click();
  const chips = panel.getByRole("group", { name: "Chips of Anna" });
  await chips.getByText("Takes effect when this hand ends.").waitFor();
  await accessible(host, "adjusting chips");
  await chips.getByLabel("Amount").fill("333");
  await chips.getByLabel("Reason").fill("She paid for the pizza");
  await host.button("Give 333", chips).click();
  await chips.waitFor({ state: "hidden" });
  assert.equal(stack(await host.hydrate(), "Anna"), stack(before, "Anna"), "not in the middle of a hand");

  await host.button("Remove Ben", panel).click();
  const remove = panel.getByRole("group", { name: "Remove Ben" });
  await remove.getByText("Ben folds this hand at once; the remaining chips are cashed out when it ends.").waitFor();
  await accessible(host, "removing somebody");
  await remove.getByRole("button", { name: "Remove", exact: true }).click();
  await ben.page.getByRole("heading", { name: "You were removed" }).waitFor();
  await accessible(ben, "removed");
  await anna.page.getByRole("log").getByText("was removed by the host").waitFor();
  const running = await host.hydrate();
  assert.equal(running.hand.id, before.hand.id);
  assert.equal(running.seats.find((s) => s.display_name === "Ben")?.has_folded, true, "the hand goes on without Ben");

  while ((await host.hydrate()).hand.id === before.hand.id && (await host.hydrate()).hand.phase !== "complete")
    await checkOrCall(await whoActs([host, anna]));
  await until("Anna has her chips", async () => {
    const doc = await host.hydrate();
    const all = doc.seats.reduce((sum, s) => sum + s.chips, 0) + (doc.hand.phase === "complete" ? 0 : doc.hand.pot);
    const start = before.seats.reduce((sum, s) => sum + s.chips, 0) + before.hand.pot;
    return all === start + 333 - stack(running, "Ben");
  });
  await until("the next hand has the new blinds", async () => (await host.hydrate()).hand.big_blind === 20);
  await Promise.all([host, anna].map(dealt));
  await anna.page.getByText("10 / 20", { exact: true }).waitFor();

  await panel.getByLabel("Hand the room over to").selectOption("Anna");
  await panel.getByText("Anna decides from then on who comes in, and you are a member like the others.").waitFor();
  await host.button("Make Anna the host", panel).click();
  await panel.waitFor({ state: "hidden" });
  assert.equal(await host.page.getByRole("button", { name: /^Host/ }).count(), 0);

  const annas = await open(anna);
  await anna.button("End the game…", annas).click();
  await annas
    .getByText("This hand is played to its end; then everyone is cashed out and the game is over. It can't be started again.")
    .waitFor();
  await accessible(anna, "ending the game");
  await anna.button("End the game", annas.getByRole("group", { name: "End the game" })).click();
  await anna.page.getByText("Last hand: the host ends the game after it").waitFor();
  while ((await anna.hydrate()).hand?.phase !== "complete" && (await anna.hydrate()).game.status !== "completed")
    await checkOrCall(await whoActs([host, anna]));
  for (const person of [host, anna, cleo]) await person.page.locator(".felt").getByText("The game is over.").waitFor();
  await accessible(host, "the game is over");
  await allIsWell([host, anna, ben, cleo, eve]);
});
