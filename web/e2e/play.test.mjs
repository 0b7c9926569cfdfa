// An evening of four: the host, two players and a spectator, each with a browser of their own. Nobody is sent what they may not see.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inStep, knock, letIn, openBrowser, openTable, Person, press, Server, sit, start, until, whoActs } from "./kit.mjs";

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

const CARD = /\b(?:hearts|diamonds|spades|clubs)_(?:10|[2-9JQKA])\b/g;
const cardsIn = (text) => new Set(text.match(CARD) ?? []);
const event = ({ kind, text }, type) => {
  if (kind !== "frame") return null;
  const frame = JSON.parse(text);
  return frame.type === type ? frame : null;
};

test("three hands through the buttons alone: every page agrees with the server, and no card leaks", { timeout: 120_000 }, async () => {
  const [host, anna, ben, cleo] = await Promise.all(["Dana", "Anna", "Ben", "Cleo"].map((name) => Person.meet(browser, name)));
  const players = [host, anna, ben];
  const all = [...players, cleo];

  const link = await openTable(host, server.base);
  await knock(anna, link);
  await knock(ben, link);
  await letIn(host, anna);
  await letIn(host, ben);
  for (const [i, person] of players.entries()) await sit(person, i + 1);
  await knock(cleo, link, "Ask to watch");
  await letIn(host, cleo);
  await cleo.page.getByRole("region", { name: "Your place" }).getByText("You are watching").waitFor();
  await start(host, players);

  const chipsIn = (doc) => doc.seats.reduce((sum, s) => sum + s.chips, 0) + (doc.hand.phase === "complete" ? 0 : doc.hand.pot);
  const total = chipsIn(await host.hydrate());
  assert.ok(total > 0);
  const hands = [];

  // Hand 1 goes to the showdown after a raise; hand 2 ends with a raise; in hand 3 one folds and two play on to the showdown.
  for (const number of [1, 2, 3]) {
    const own = new Map();
    for (const person of players) {
      const doc = await until(`${person.name} is dealt hand ${number}`, async () => {
        const now = await person.hydrate();
        return now.hand?.number === number && now.me.hole_cards ? now : null;
      });
      own.set(person, doc.me.hole_cards);
      await until(`${person.name} sees them`, async () => JSON.stringify(await person.cards()) === JSON.stringify(doc.me.hole_cards));
    }
    const felts = new Map(all.map((person) => [person, new Set()]));
    let moves = 0;
    for (;;) {
      const doc = await host.hydrate();
      if (doc.hand.phase === "complete") break;
      assert.equal(chipsIn(doc), total, "chips neither appear nor vanish");
      for (const person of all) {
        const lying = await person.page.locator("#table [data-card]").evaluateAll((cards) => cards.map((card) => card.dataset.card));
        for (const card of lying) felts.get(person).add(card);
      }
      const person = await whoActs(players);
      const check = (await person.bar().getByRole("button", { name: "Check" }).count()) > 0;
      if (moves === 0 && number < 3) await press(person, /^Raise to/);
      else if (number === 2 || (number === 3 && moves === 0)) await press(person, "Fold");
      else await press(person, check ? "Check" : /^Call/);
      assert.ok(++moves < 30, "a hand ends");
    }
    const end = await host.hydrate();
    assert.equal(chipsIn(end), total);
    for (const person of all) await inStep(person);
    assert.equal((await host.hydrate()).hand.number, number, "looked before the next hand");
    const shown = new Map(end.seats.filter((s) => s.shown_cards).map((s) => [s.seat_index, s.shown_cards]));
    // At a showdown whoever is beaten already may throw the cards away unseen.
    const [least, most] = [[1, 3], [0, 0], [1, 2]][number - 1];
    assert.ok(shown.size >= least && shown.size <= most, `${shown.size} hands shown in hand ${number}`);
    for (const [person, seen] of felts) {
      const may = new Set([...(own.get(person) ?? []), ...end.hand.board]);
      assert.deepEqual([...seen].filter((card) => !may.has(card)), [], `${person.name} saw only own cards and the board before the end of hand ${number}`);
    }
    const hidden = [...own].map(([person, cards]) => [person, cards.filter((card) => ![...shown.values()].flat().includes(card))]);
    for (const person of all) {
      const { html, kept } = await person.page.evaluate(() => ({ html: document.documentElement.outerHTML, kept: JSON.stringify({ ...localStorage, ...sessionStorage }) }));
      const earlier = new Set(hands.flatMap((h) => [...h.public, ...(h.own.get(person) ?? [])]));
      for (const [owner, cards] of hidden) {
        if (owner === person) continue;
        for (const card of cards) {
          const [suit, rank] = card.split("_");
          const spoken = `${{ J: "jack", Q: "queen", K: "king", A: "ace" }[rank] ?? rank} of ${suit}`;
          if (!earlier.has(card)) assert.ok(!html.includes(card) && !html.includes(spoken), `${owner.name}'s ${card} is nowhere on ${person.name}'s page`);
          assert.ok(!kept.includes(card), `${owner.name}'s ${card} is not kept by ${person.name}`);
        }
      }
    }
    hands.push({ number, own, board: end.hand.board, shown, public: [...end.hand.board, ...[...shown.values()].flat()] });
  }

  // What was sent, message by message: before the end of a hand own cards and the board, after it also what was shown.
  for (const person of all) {
    for (const hand of hands) {
      const from = person.heard.findIndex((item) => event(item, "hand_started")?.handNumber === hand.number);
      const end = person.heard.findIndex((item, i) => i > from && event(item, "hand_complete"));
      const next = person.heard.findIndex((item, i) => i > end && event(item, "hand_started"));
      assert.ok(from >= 0 && end > from, `${person.name} heard hand ${hand.number}`);
      const own = hand.own.get(person) ?? [];
      const board = [];
      for (const [i, item] of person.heard.slice(from, next < 0 ? undefined : next).entries()) {
        board.push(...(event(item, "street_advanced")?.board ?? []));
        const running = from + i < end;
        // A document may be a few events ahead of the socket, so for it the whole board and the end count.
        const may = new Set([...own, ...(running && item.kind === "frame" ? board : hand.public)]);
        const extra = [...cardsIn(item.text)].filter((card) => !may.has(card));
        assert.deepEqual(extra, [], `${person.name}, hand ${hand.number}: ${item.text.slice(0, 300)}`);
      }
    }
    assert.deepEqual(person.wrong, [], `${person.name}'s browser has nothing to complain about`);
  }
  assert.ok(cardsIn(cleo.heard.map((item) => item.text).join()).size > 0, "the spectator did follow the game");
});
