// An evening of four: the host, two players and a spectator, each with a browser of their own. Nobody is sent what they may not see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOrCall, inStep, askToJoin, letIn, openHouse, openTable, press, sit, start, until, whoActs } from "./kit.mjs";
import { allIsWell } from "./verdict.mjs";

const house = openHouse();

test("three hands through the buttons alone: every page agrees with the server, and no card leaks", {
  timeout: 180_000,
}, async () => {
  const [host, anna, ben, cleo] = await Promise.all(["Dana", "Anna", "Ben", "Cleo"].map((name) => house.meet(name)));
  const players = [host, anna, ben];
  const all = [...players, cleo];

  const link = await openTable(host, house.base);
  await askToJoin(anna, link);
  await askToJoin(ben, link);
  await letIn(host, anna);
  await letIn(host, ben);
  for (const [i, person] of players.entries()) await sit(person, i + 1);
  await askToJoin(cleo, link, "Ask to watch");
  await letIn(host, cleo);
  await cleo.page.getByRole("region", { name: "Your place" }).getByText("You are watching").waitFor();
  await start(host, players);

  const chipsIn = (doc) => doc.seats.reduce((sum, s) => sum + s.chips, 0) + (doc.hand.phase === "complete" ? 0 : doc.hand.pot);
  const total = chipsIn(await host.hydrate());
  assert.ok(total > 0);
  // At a showdown whoever is beaten already may throw the cards away unseen.
  const SHOWN = [
    [1, 3],
    [0, 0],
    [1, 2],
  ];

  // Hand 1 goes to the showdown after a raise; hand 2 ends with a raise; in hand 3 one folds and two play on to the showdown.
  for (const number of [1, 2, 3]) {
    const own = new Map();
    for (const person of players) {
      const doc = await until(`${person.name} is dealt hand ${number}`, async () => {
        const now = await person.hydrate();
        return now.hand?.number === number && now.me.hole_cards ? now : null;
      });
      own.set(person, doc.me.hole_cards);
      await until(
        `${person.name} sees them`,
        async () => JSON.stringify(await person.cards()) === JSON.stringify(doc.me.hole_cards),
      );
    }
    for (const person of all) await until(`${person.name}'s felt is clear`, async () => (await person.board()).length === 0);
    const felts = new Map(all.map((person) => [person, new Set()]));
    let moves = 0;
    for (;;) {
      const doc = await host.hydrate();
      if (doc.hand.number !== number || doc.hand.phase === "complete") break;
      assert.equal(chipsIn(doc), total, "chips neither appear nor vanish");
      for (const person of all) {
        const lying = await person.page
          .locator("#table [data-card]")
          .evaluateAll((cards) => cards.map((card) => card.dataset.card));
        for (const card of lying) felts.get(person).add(card);
      }
      const person = await whoActs(players);
      if (moves === 0 && number < 3) await press(person, /^Raise to/);
      else if (number === 2 || (number === 3 && moves === 0)) await press(person, "Fold");
      else await checkOrCall(person);
      assert.ok(++moves < 30, "a hand ends");
    }
    for (const person of all) await inStep(person);
    const { events } = await host.call("GET", (room) => `/api/rooms/${room}/events?after=0&limit=500`);
    const end = events.filter((e) => e.type === "hand_complete")[number - 1];
    const [least, most] = SHOWN[number - 1];
    assert.ok(end.shown.length >= least && end.shown.length <= most, `${end.shown.length} hands shown in hand ${number}`);
    for (const [person, seen] of felts) {
      const may = new Set([...(own.get(person) ?? []), ...end.board]);
      assert.deepEqual(
        [...seen].filter((card) => !may.has(card)),
        [],
        `${person.name} saw only own cards and the board before the end of hand ${number}`,
      );
    }
  }
  const hands = await allIsWell(all);
  assert.ok(
    hands.length >= 3 && hands.slice(0, 3).every((hand) => hand.own.size === players.length),
    "each player's cards were among what was looked through",
  );
  assert.ok(
    cleo.heard.some(({ text }) => text.includes('"street_advanced"')),
    "the spectator did follow the game",
  );
});
