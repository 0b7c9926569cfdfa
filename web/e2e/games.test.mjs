// An evening of every game that friends play, in one room and through the pages: each variant in turn, a straddle, a bomb pot on two
// boards, blinds that were missed, a bluff that is shown, a rabbit hunt, and an all-in that is run twice because those in it voted so.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Bot, checkOrCall, comeIn, dealt, DESKTOP, openHouse, PHONE, press, sit, until, whoActs } from "./kit.mjs";
import { accessible, laidOut } from "./looks.mjs";
import { allIsWell } from "./verdict.mjs";

const house = openHouse();
const HOLE = { nlhe: 2, plo: 4, plo5: 5, plo8: 4, shortdeck: 2 };
const NAMES = {
  plo: "Pot-limit Omaha",
  plo5: "Pot-limit Omaha, five cards",
  plo8: "Pot-limit Omaha hi-lo",
  shortdeck: "Short deck",
};
const COMMON = ["type", "seq", "roomId", "at"];
const GAMES = ["nlhe", ...Object.keys(NAMES)];

/** The host, two guests and a bot, for whom a hand takes four, at a running table. Anna sits at a phone. */
async function openEvening() {
  const kim = await Bot.named(house.base, "Kim");
  const { room, link } = await kim.open({
    smallBlind: 5,
    bigBlind: 10,
    ante: 5,
    minBuyIn: 100,
    maxBuyIn: 2000,
    actionTimeoutSecs: 0,
    betweenHandsSecs: 1,
  });
  const [host, anna, ben] = await Promise.all([house.meet("Dana"), house.meet("Anna", { viewport: PHONE }), house.meet("Ben")]);
  const pages = [host, anna, ben];
  for (const person of pages) await person.page.emulateMedia({ reducedMotion: "reduce" }); // places are measured
  for (const [i, person] of pages.entries()) {
    await comeIn(person, link);
    await sit(person, i + 1, 1000);
  }
  await kim.sit(3, 1000);
  await kim.call("POST", `/api/rooms/${room.id}/host`, { userId: (await host.hydrate()).me.user_id });
  await host.button("Dismiss").click(); // "You are the host now" lies over the panel
  await host.button("Start the game").click();
  await Promise.all(pages.map(dealt));
  return { host, anna, ben, kim, link, pages, all: [...pages, kim], hand: () => host.hydrate().then((doc) => doc.hand) };
}

async function openHost(host) {
  const panel = host.page.getByRole("complementary", { name: "Host" });
  if (!(await panel.isVisible())) await host.button(/^Host/).click();
  await panel.getByRole("heading", { name: "Rules" }).waitFor();
  return panel;
}
const closeHost = (host) => host.button("Close the host panel").click();

/** Changes rules in the host's panel: by group, a label and what to choose or fill in. */
async function rules(host, ...changes) {
  const panel = await openHost(host);
  for (const [group, label, value] of changes) {
    const fields = panel.locator("details.group", { has: host.page.locator("summary", { hasText: group }) });
    if (!(await fields.evaluate((d) => d.open))) await fields.locator("summary").click();
    const field = fields.getByLabel(label, { exact: true });
    if ((await field.evaluate((e) => e.tagName)) === "SELECT") await field.selectOption(value);
    else await field.fill(String(value));
  }
  await apply(host, panel);
}
async function apply(host, panel) {
  const button = host.button("Apply from the next hand", panel);
  await button.click();
  await until("the rules are applied", () => button.isDisabled());
  await closeHost(host);
}

/** Everybody in `players` has the cards of a hand after `number`. */
async function handAfter(players, number) {
  for (const person of players) {
    const doc = await until(
      `${person.name} is dealt in after hand ${number}`,
      async () => {
        const now = await person.hydrate();
        return now.hand.number > number && now.me.hole_cards ? now : null;
      },
      30_000,
    );
    await until(
      `${person.name} sees them`,
      async () => JSON.stringify(await person.cards()) === JSON.stringify(doc.me.hole_cards),
    );
  }
  return (await players[0].hydrate()).hand;
}
/** Checks and calls until the hand is over; bots among the players do it past the page. */
async function playOut(players, number) {
  const over = async () => {
    const { hand } = await players[0].hydrate();
    return hand.number > number || hand.phase === "complete";
  };
  for (let moves = 0; !(await over()); moves++) {
    assert.ok(moves < 60, "a hand ends");
    const person = await until("somebody may act or the hand is over", async () => {
      for (const one of players) if (await one.mayAct()) return one;
      return (await over()) ? "over" : null;
    });
    if (person === "over") return;
    if (person.page) await checkOrCall(person);
    else await person.act((await person.hydrate()).me.legal_actions.actions.includes("CHECK") ? "CHECK" : "CALL");
  }
}
/** Plays on to the hand after this one; returns it once everybody at a page has its cards. */
async function nextHand({ pages, all, hand }) {
  const { number } = await hand();
  await playOut(all, number);
  return handAfter(pages, number);
}
/** The smallest raise; on a phone it takes a press to open the sizes. */
async function raise(person) {
  const open = person.bar().getByRole("button", { name: /^Raise…/ });
  if ((await open.count()) > 0) await open.click();
  await press(person, /^Raise to/);
}
/** All-in by the preset, with the second press that it takes. */
async function allIn(person) {
  await person
    .bar()
    .getByRole("button", { name: /^All-in: / })
    .click();
  const turn = (await person.hydrate()).timer.turn;
  await person
    .bar()
    .getByRole("button", { name: /^All-in [\d,]+/ })
    .click();
  const confirm = person.bar().getByRole("button", { name: /^Confirm all-in/ });
  await confirm.waitFor();
  await sleep(450); // the second press is deaf for 400 ms
  await confirm.click();
  await until(`${person.name} is all-in`, async () => (await person.hydrate()).timer?.turn !== turn);
}
/** Also where the log is folded away. */
const inLog = (person, text) => person.page.locator("#log").getByText(text).first().waitFor({ state: "attached" });
const openSeat = async (person) => {
  await person.button("Menu").click();
  await person.button("My seat").click();
  return person.page.getByRole("dialog");
};
const close = (person) => person.button("Close", person.page.getByRole("dialog")).click();

/** Each variant in turn, a hand each: as many cards as it deals, and what comes next in the top bar. */
async function everyVariant(evening) {
  const { host, anna, pages } = evening;
  const choose = async (games, how) => {
    const panel = await openHost(host);
    for (const game of games) await panel.getByLabel(game, { exact: true })[how]();
    if (how === "check") await panel.getByLabel("Hands of each game").fill("1");
    await apply(host, panel);
  };
  await choose(Object.values(NAMES), "check");
  const seen = new Set();
  for (let hands = 0; seen.size < GAMES.length; hands++) {
    assert.ok(hands < 8, `only ${[...seen]} came`);
    const { variant } = await nextHand(evening);
    seen.add(variant);
    for (const person of pages) assert.equal((await person.cards()).length, HOLE[variant], `${person.name}, ${variant}`);
    await host.page
      .getByText(/hands? to (Hold'em|Omaha|Short deck)|then (Hold'em|Omaha|Short deck)/)
      .first()
      .waitFor();
    assert.deepEqual(await laidOut(anna, PHONE), [], `${variant} on a phone`);
  }
  await choose(Object.values(NAMES), "uncheck");
}

/** A straddle that is chosen at the seat, posted, and seen by all. */
async function straddle(evening) {
  const { host, pages } = evening;
  await rules(host, ["Straddles", "Straddle", "utg"]);
  for (let hand = await nextHand(evening); hand.variant !== "nlhe"; ) hand = await nextHand(evening);
  for (const person of pages) {
    const dialog = await openSeat(person);
    await dialog.getByLabel("Straddle when you can").check();
    await until("it is kept", async () => (await person.hydrate()).me.preferences.autoStraddle);
    await accessible(person, "standing choices");
    await close(person);
  }
  for (let hands = 0, straddled = false; !straddled; hands++) {
    assert.ok(hands < 4, "somebody at a page is left of the big blind");
    straddled = (await nextHand(evening)).current_bet === 20;
  }
  for (const person of pages) await inLog(person, /straddles? for 20/);
  await host.page.locator(".tag", { hasText: "Straddle" }).first().waitFor();
  await rules(host, ["Straddles", "Straddle", "off"]);
}

/** A bomb pot that the host asks for with a switch: on two boards, on a phone too, won board by board. */
async function bombPot(evening) {
  const { host, anna, pages, all, hand } = evening;
  await rules(host, ["Two boards, bomb pots", "Two boards", "bomb_pots"], ["Two boards, bomb pots", "Bomb pots", "manual"]);
  await nextHand(evening);
  const panel = await openHost(host);
  await panel.getByLabel("The next hand is a bomb pot").check();
  await inLog(anna, /makes the next hand a bomb pot/);
  await accessible(host, "a bomb pot is next");
  await closeHost(host);
  const bomb = await nextHand(evening);
  assert.equal(bomb.kind, "bomb_pot");
  for (const person of pages) await until("two boards", async () => (await person.page.locator(".board").count()) === 2);
  await until("six cards lie on them", async () => (await anna.board()).length === 6);
  await anna.page
    .getByText(/^Bomb pot/)
    .first()
    .waitFor();
  assert.deepEqual(await laidOut(anna, PHONE), [], "two boards on a phone");
  await accessible(anna, "two boards");
  await anna.page.keyboard.press("b");
  await until("both are said", async () => /^Board 1: .*\. Board 2: /.test(await anna.said()));
  await playOut(all, bomb.number);
  await inLog(anna, /^(You|Dana|Ben|Kim)\s+wins? /);
  const replay = await host.context.newPage();
  await replay.goto(`${evening.link}/h/${bomb.number}`);
  await replay.getByRole("button", { name: "To the end" }).click();
  await until("the replay ends with both boards", async () => (await replay.locator(".board [data-card]").count()) === 10);
  await accessible({ page: replay, name: host.name }, "the replay of two boards");
  await replay.close();
  assert.ok((await hand()).number >= bomb.number);
}

/** Ben sits out when the big blind comes to him: he owes both blinds, waits for the button, and posts them. */
async function missedBlinds(evening) {
  const { host, anna, ben, all, link, hand } = evening;
  const seat = async () => (await host.hydrate()).seats.find((s) => s.display_name === "Ben");
  const next = async () => {
    const { number } = await hand();
    await playOut(all, number);
    return until("the next hand", async () => {
      const now = await hand();
      return now.number > number ? now : null;
    });
  };
  for (let hands = 0; (await hand()).big_blind_seat !== 1 || (await hand()).phase === "complete"; hands++) {
    assert.ok(hands < 8, "the big blind goes round");
    await next();
  }
  await (await openSeat(ben)).getByRole("button", { name: "Sit out from the next hand" }).click();
  assert.equal((await next()).big_blind_seat, 3, "the big blind passes Ben");
  assert.deepEqual([...(await seat()).owes].sort(), ["big_blind", "small_blind"]);
  await ben.button("I'm back").click();

  await next();
  await ben.page.getByText("You are dealt in when the button has passed you. You owe").waitFor();
  await host.page.locator(".tag", { hasText: "Waits for the button to pass" }).waitFor();
  await accessible(ben, "waiting for the button");
  await host.page.goto(`${link}?view=text`);
  await host.page.getByRole("cell", { name: /waits for the button to pass, owes a/ }).waitFor();
  await accessible(host, "the text view of it");
  await host.page.goto(link);
  await host.page.getByRole("list", { name: "Seats" }).waitFor();

  await next();
  assert.ok((await seat()).in_hand);
  assert.deepEqual((await seat()).owes, [], "being dealt in pays what was owed");
  for (const line of ["Ben posts a late big blind 10", "Ben posts a dead small blind 5"]) await inLog(anna, line);
}

/** All fold to a raise: the bluffer shows one card to all, and who hunts the rabbit alone sees what would have come. */
async function bluffAndRabbit(evening) {
  const { host, pages, kim, all, hand } = evening;
  const { id } = await nextHand(evening);
  await rules(host, ["Clock", "Pause between hands (s)", 20]); // counts from the end of this hand
  let bluffer = null;
  while ((await hand()).phase !== "complete") {
    const person = await whoActs(all);
    if (person !== kim && !bluffer) {
      bluffer = person;
      await raise(person);
    } else if (person === kim) await kim.act("FOLD");
    else await press(person, "Fold");
  }
  const [curious, other] = pages.filter((p) => p !== bluffer);
  const [card, kept] = await bluffer.cards();
  await accessible(bluffer, "after a hand");
  await bluffer.page
    .getByRole("group", { name: "After the hand" })
    .getByRole("button", { name: /^Show the/ })
    .first()
    .click();
  for (const person of [curious, other]) {
    await until(`${person.name} sees the card`, () =>
      person.page.locator(`.seat:not(.hero) .hole [data-card="${card}"]`).isVisible(),
    );
    assert.equal(await person.page.locator(`[data-card="${kept}"]`).count(), 0, "one card, not the other");
  }
  await curious.button("Rabbit hunt").click();
  await until("five cards would have come", async () => (await curious.page.locator(".board .undealt").count()) === 5);
  await inLog(other, /hunts the rabbit/);
  assert.equal(await other.page.locator(".board .undealt").count(), 0, "nobody else sees them");
  assert.equal((await hand()).id, id);
  await rules(host, ["Clock", "Pause between hands (s)", 1]);
}

/** All-in before the flop: those in it vote, by a key and by a button, nobody sees what, and two runs lie on the table. */
async function runItTwice(evening) {
  const { host, anna, ben, kim, pages, all, hand } = evening;
  await rules(host, ["Run it twice", "All-in with cards to come", "ask"], ["Run it twice", "Time to answer (s)", 30]);
  const { number } = await nextHand(evening);
  const asked = [];
  while (asked.length < 2) {
    const person = await whoActs(all);
    if (person === kim) await kim.act("FOLD");
    else if (asked.length === 0 && person === anna)
      await press(anna, "Fold"); // the preset is folded away on a phone
    else if (asked.length === 0) asked.push((await allIn(person), person));
    else asked.push((await press(person, /^Call/), person));
  }
  const [first, second] = asked;
  const vote = (person) => person.page.getByRole("region", { name: "Your answer" });
  while (!(await hand()).question) {
    const person = await whoActs(all);
    if (person === kim) await kim.act("FOLD");
    else await press(person, "Fold");
  }
  for (const person of asked) {
    await vote(person).getByText("Run it how often?").waitFor();
    await until("it is said aloud", async () => /^All-in\. Run it once or twice\?/.test(await person.said()));
    assert.match(await vote(person).getByRole("timer").textContent(), /\d+ s/);
  }
  for (const person of pages.filter((p) => !asked.includes(p)))
    await person.page.getByRole("region", { name: "The question" }).waitFor();
  await accessible(first, "asked how often to run it");
  assert.deepEqual(await laidOut(first, PHONE), [], "the question on a phone");
  await first.page.setViewportSize(DESKTOP);

  await first.page.keyboard.press("2");
  for (const person of pages.filter((p) => p !== first)) await person.page.getByText("1 of 2 answered").first().waitFor();
  const answers = second.heard.filter(({ kind, text }) => kind === "frame" && text.includes('"runs_answered"'));
  const said = answers.map(({ text }) => Object.keys(JSON.parse(text)).filter((key) => !COMMON.includes(key)));
  assert.deepEqual(said, [["handId", "seatIndex"]], "who has answered, never what");
  await vote(second).getByRole("button", { name: "Twice" }).click();
  await until(
    "two runs lie on the table",
    async () => (await ben.page.locator(".board").count()) === 2 && (await ben.board()).length === 10,
  );
  await inLog(host, "It is run twice");
  await inLog(anna, "Run 2");
  assert.deepEqual(await laidOut(anna, PHONE), [], "two runs on a phone");
  await until("the hand is over", async () => (await hand()).phase === "complete" || (await hand()).number > number);
}

test("an evening of every game through the pages", { timeout: 600_000 }, async (t) => {
  const evening = await openEvening();
  for (const story of [everyVariant, straddle, bombPot, missedBlinds, bluffAndRabbit, runItTwice]) {
    const from = performance.now();
    await story(evening);
    t.diagnostic(`${story.name}: ${Math.round((performance.now() - from) / 1000)} s`);
  }
  await allIsWell(evening.pages);
});
