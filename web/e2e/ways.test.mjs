// Other ways to the same hand: a phone, the keyboard alone, without motion, as text; and the hand again in the replay.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Bot, checkOrCall, comeIn, dealt, inStep, openHouse, PHONE, press, sit, until, whoActs } from "./kit.mjs";
import { accessible, fits } from "./looks.mjs";
import { allIsWell } from "./verdict.mjs";

const house = openHouse();
/** No clock, and time to look between hands. */
const CALM = { smallBlind: 5, bigBlind: 10, minBuyIn: 100, maxBuyIn: 2000, actionTimeoutSecs: 0, betweenHandsSecs: 30 };

/** A room of bots with the given stacks, on the seats after the first `free` ones. */
async function botsAtTable(names, stacks, free = 1) {
  const bots = await Promise.all(names.map((name) => Bot.named(house.base, name)));
  const { link, room } = await bots[0].open({ ...CALM, seats: free + names.length });
  for (const bot of bots.slice(1)) await bot.join(room.id);
  for (const [i, bot] of bots.entries()) await bot.sit(free + i, stacks[i]);
  return { bots, link, start: () => bots[0].call("POST", `/api/rooms/${room.id}/start`) };
}
/** One after the other acts, with the first choice that is legal, until it is somebody else's turn or none of them is legal. */
async function botsAct(bots, ...choices) {
  const doc = await bots[0].hydrate();
  const bot = doc.timer && bots.find((b) => b.userId === doc.seats[doc.timer.actor_seat].user_id);
  if (!bot) return;
  const { actions } = (await bot.hydrate()).me.legal_actions;
  const choice = choices.find((wanted) => actions.includes(wanted));
  if (!choice) return;
  await bot.act(choice);
  await botsAct(bots, ...choices);
}

test("on a phone an all-in takes two presses, the second not within 400 ms; then every pot shows who can win it", {
  timeout: 120_000,
}, async () => {
  const { bots, link, start } = await botsAtTable(["Ben", "Cleo", "Dana"], [400, 600, 1000]);
  const anna = await house.meet("Anna", { viewport: PHONE });
  await comeIn(anna, link);
  await sit(anna, 1, 200);
  await start();
  await dealt(anna);
  await botsAct(bots, "CALL");
  await until("Anna's turn", () => anna.mayAct());
  const turn = async () => (await anna.hydrate()).timer?.turn;
  const now = await turn();

  await anna.button(/^Raise/, anna.bar()).click();
  await anna.button(/^All-in: All-in, 200/, anna.bar()).click();
  const shove = anna.bar().getByRole("button", { name: /^All-in\s*200/ });
  const confirm = anna.bar().getByRole("button", { name: /^Confirm all-in\s*200$/ });
  // Two presses in one go: however busy the machine is, there are no 400 ms between them.
  await shove.evaluate((button) => (button.click(), button.click()));
  await confirm.waitFor();
  assert.equal(await anna.said(), "Press again to go all-in for 200");
  assert.equal(await turn(), now, "a double tap commits nothing");
  await accessible(anna, "all-in armed");
  await fits(anna, "all-in armed");
  await anna.page.keyboard.press("Escape");
  await confirm.waitFor({ state: "hidden" });
  await anna.button(/^Raise/, anna.bar()).click();
  await anna.button(/^All-in: All-in, 200/, anna.bar()).click();
  await shove.click();
  await confirm.waitFor();
  await sleep(450); // the deaf time itself
  await confirm.click();
  await until("the second press counts", async () => (await turn()) !== now);

  // The others call, bet on beyond Anna's stack, and go all-in one by one.
  const street = async (cards) => until(`${cards} cards`, async () => (await anna.board()).length === cards);
  await botsAct(bots, "CALL");
  await street(3);
  await (await whoActs(bots)).act("BET", 100);
  await botsAct(bots, "CALL");
  await street(4);
  const pots = (name) =>
    anna.page
      .getByRole("group", { name })
      .locator(".pot")
      .evaluateAll((all) => all.map((pot) => pot.textContent.replaceAll(/\s+/g, " ").trim()));
  await until("both pots are there", async () => (await pots("Pots")).length === 2);
  assert.deepEqual(await pots("Pots"), ["Main 800, for Anna, Ben, Cleo, Dana", "Side 1 300, for Ben, Cleo, Dana"]);
  await botsAct(bots, "ALL_IN", "CALL");
  await anna.page.getByRole("group", { name: "Result" }).waitFor();
  const log = (await anna.call("GET", `/api/rooms/${await anna.room()}/events?after=0&limit=500`)).events;
  const name = (seat) => [anna, ...bots][seat].name;
  const given = log.filter((e) => e.type === "pot_distributed");
  assert.deepEqual(
    given.map((e) => [e.potIndex, e.amount]),
    [
      [0, 800],
      [1, 600],
      [2, 400],
    ],
  );
  // One sentence for all pots of the same winners, in the order of the first of them.
  const sentences = new Map();
  for (const e of given) {
    const who = e.winners.map((w) => (w.seatIndex === 0 ? "You" : name(w.seatIndex))).join(" and ");
    const so = sentences.get(who) ?? {
      amount: 0,
      pots: [],
      does: e.winners.length > 1 ? "split" : who === "You" ? "win" : "wins",
    };
    sentences.set(who, { ...so, amount: so.amount + e.amount, pots: [...so.pots, e.potIndex ? `side ${e.potIndex}` : "main"] });
  }
  const said = await anna.page.getByRole("group", { name: "Result" }).locator("p").allTextContents();
  assert.equal(said.length, sentences.size);
  for (const [i, [who, { amount, pots, does }]] of [...sentences].entries()) {
    const rest = sentences.size > 1 ? ` \\(${pots.join(", ")}\\)` : "";
    assert.match(said[i], new RegExp(`^${who} ${does} ${amount.toLocaleString("en-US")}${rest}( with .+)?$`));
  }
  assert.equal(
    (await anna.hydrate()).seats.reduce((sum, s) => sum + s.chips, 0),
    2200,
  );
  await accessible(anna, "showdown");
  await fits(anna, "showdown");
  await allIsWell([anna]);
});

test("keyboard alone: join, sit, start, play a hand, ask, read the log, step through the replay", {
  timeout: 120_000,
}, async () => {
  const bot = await Bot.named(house.base, "Robin");
  const { room, link } = await bot.open({ ...CALM, autoApprove: false });
  const kit = await house.meet("Kit");
  const { page } = kit;
  const { keyboard } = page;
  await page.addInitScript(() => {
    window.pointed = 0;
    for (const type of ["mousedown", "pointerdown", "touchstart"]) addEventListener(type, () => window.pointed++, true);
  });
  const reach = async (role, name, within = page) => {
    const target = within.getByRole(role, { name }).first();
    await target.waitFor();
    for (let tabs = 0; tabs < 60; tabs++) {
      if (await target.evaluate((e) => e === document.activeElement)) return target;
      await keyboard.press("Tab");
    }
    throw new Error(`Tab never reaches ${name}`);
  };
  const enter = async (role, name) => {
    await reach(role, name);
    await keyboard.press("Enter");
  };
  const type = async (name, text) => {
    await reach("textbox", name);
    await keyboard.press("Control+A");
    await keyboard.type(text);
  };
  const says = (what, text) => until(what, async () => (await kit.said()) === text || (await kit.said()).match(text) !== null);

  await page.goto(link);
  await type("Your name at the table", "Kit");
  await keyboard.press("Enter");
  await enter("button", "Ask to join");
  await page.getByRole("heading", { name: /^Waiting for/ }).waitFor();
  const { userId } = await kit.call("GET", "/api/auth/me");
  await bot.call("POST", `/api/rooms/${room.id}/approve`, { userId, approved: true });
  await bot.sit(0, 1000);
  await bot.call("POST", `/api/rooms/${room.id}/host`, { userId });
  await enter("button", /^Sit.*seat 2$/i);
  await page.getByRole("dialog").waitFor();
  await enter("button", "Sit down");
  await page.locator(".seat.hero").waitFor();
  await enter("button", "Start the game");
  await dealt(kit);

  const bar = kit.bar();
  const myTurn = (choice = "CHECK") =>
    until("Kit's turn", async () => (await kit.mayAct()) || ((await bot.mayAct()) && (await bot.act(choice)), false));
  const amount = bar.getByRole("spinbutton", { name: /amount$/ });
  const value = async () => Number(await amount.inputValue());
  const focused = (locator) => locator.evaluate((e) => e === document.activeElement);
  await myTurn("CALL");
  const doc = await kit.hydrate();
  const words = (card) =>
    card.replace(/(\w+)_(\w+)/, (_, suit, rank) => `${{ J: "jack", Q: "queen", K: "king", A: "ace" }[rank] ?? rank} of ${suit}`);

  // Sizes: digits for presets, arrows a big blind at a time, A for everything; R goes to the amount, Escape back out.
  await keyboard.press("2");
  assert.equal(await value(), 25, "the second preset is two and a half big blinds");
  await keyboard.press("ArrowUp");
  assert.equal(await value(), 35);
  await keyboard.press("Shift+ArrowDown");
  assert.equal(await value(), doc.me.legal_actions.min_raise_to, "not below the smallest raise");
  await keyboard.press("a");
  assert.equal(await value(), doc.me.legal_actions.max_raise_to);
  await keyboard.press("r");
  assert.ok(await focused(amount));
  await keyboard.press("Enter");
  await bar.getByRole("button", { name: /^Confirm all-in/ }).waitFor();
  await keyboard.press("Escape");
  assert.ok(!(await focused(amount)), "Escape leaves the field");
  await keyboard.press("Escape");
  await bar.getByRole("button", { name: /^Confirm all-in/ }).waitFor({ state: "hidden" });
  assert.equal((await kit.hydrate()).timer.turn, doc.timer.turn, "nothing was sent so far");
  await keyboard.press("r");
  await keyboard.press("Control+A");
  await keyboard.type("40");
  await keyboard.press("Enter");
  await until("the raise counts", async () => (await kit.hydrate()).timer?.turn !== doc.timer.turn);
  await until("Robin calls", async () => (await bot.mayAct()) && (await bot.act("CALL"), true));

  await until("the flop", async () => (await kit.board()).length === 3);
  await myTurn();
  const flop = await kit.hydrate();
  for (const [key, text] of [
    ["h", `You hold ${flop.me.hole_cards.map(words).join(" and ")}`],
    ["b", `Board: ${flop.hand.board.map(words).join(", ")}.`],
    ["p", "Pot 80."],
    ["s", "Seat 1 Robin 960. Seat 2 Kit 960"],
    ["t", "Your turn. You can check, bet 10 to 960 or fold. Pot 80. You have 960."],
    ["l", /^(Robin checks|Robin calls 30)$/],
    ["Shift+1", "Robin 960"],
    ["m", "Sound off"],
    ["m", "Sound on"],
  ]) {
    await keyboard.press(key);
    await says(`the answer to ${key}`, text);
  }
  // Folding where checking is free asks first.
  await keyboard.press("f");
  await bar.getByText("Check is free. Fold anyway?").waitFor();
  await keyboard.press("Escape");
  await bar.getByText("Check is free. Fold anyway?").waitFor({ state: "hidden" });
  assert.equal((await kit.hydrate()).timer.turn, flop.timer.turn);
  for (const cards of [3, 4, 5]) {
    await until(`${cards} cards`, async () => (await kit.board()).length === cards);
    await myTurn();
    const { timer } = await kit.hydrate();
    await keyboard.press("c");
    await until("the check counts", async () => (await kit.hydrate()).timer?.turn !== timer.turn);
    if (await bot.mayAct()) await bot.act("CHECK");
  }
  await until("the hand ends", async () => (await kit.hydrate()).hand.phase === "complete");
  await page.getByRole("group", { name: "Result" }).waitFor();
  await allIsWell([kit]);

  await keyboard.press("g");
  assert.ok(await focused(page.getByRole("log")), "G leads to the log");
  await enter("link", "All hands");
  await enter("link", /^#1/);
  const step = page.getByRole("heading", { name: /^Step \d+ of \d+$/ });
  const at = async () => Number(/\d+/.exec(await step.textContent())[0]);
  await step.waitFor();
  assert.equal(await at(), 1);
  for (const [key, to] of [
    ["ArrowRight", 2],
    ["ArrowRight", 3],
    ["ArrowLeft", 2],
    ["Home", 1],
  ]) {
    await keyboard.press(key);
    await until(`${key} leads to step ${to}`, async () => (await at()) === to);
  }
  await keyboard.press("2");
  await until("2 leads to the flop", async () => (await kit.board()).length === 3);
  await keyboard.press("End");
  await until("End shows the whole board", async () => (await kit.board()).length === 5);
  await says("the result", /Kit|You|Robin/);
  assert.equal(await page.evaluate(() => window.pointed), 0, "no mouse and no finger was used");
  assert.deepEqual(kit.wrong, []);
});

test("with reduced motion nothing travels, and what happened can still be read", { timeout: 120_000 }, async () => {
  const { bots, link, start } = await botsAtTable(["Ben", "Cleo"], [1000, 1000]);
  const watch = (page) =>
    page.addInitScript(() => {
      window.travelled = new Set();
      const moves = (frame) =>
        ["translate", "left", "top", "offsetDistance"].some((key) => key in frame) || /translate/.test(frame.transform ?? "");
      const look = () => {
        for (const animation of document.getAnimations()) {
          const { effect } = animation;
          if (effect.getComputedTiming().activeDuration > 1 && effect.getKeyframes().some(moves))
            window.travelled.add(
              `${animation.animationName ?? animation.transitionProperty ?? "script"} of ${effect.target.className}`,
            );
        }
        requestAnimationFrame(look);
      };
      look();
    });
  const [anna, lively] = await Promise.all([house.meet("Anna", { prepare: watch }), house.meet("Lively", { prepare: watch })]);
  await anna.page.emulateMedia({ reducedMotion: "reduce" });
  await comeIn(anna, link);
  await sit(anna, 1, 1000);
  await comeIn(lively, link, "Just watch");
  await start();
  await dealt(anna);
  await anna.page.bringToFront();
  for (const cards of [0, 3, 4, 5]) {
    await until(`${cards} cards`, async () => (await anna.board()).length === cards);
    const better = await whoActs([anna, ...bots]);
    if (better === anna) await press(anna, cards ? /^Bet/ : /^Raise/);
    else await better.act(cards ? "BET" : "RAISE", 20 * (cards || 1));
    const doc = await anna.hydrate();
    const seat = doc.seats.find((s) => s.bet === doc.hand.current_bet && s.last_action);
    const tag = `${cards ? "Bet" : "Raise"} ${seat.bet}`;
    if (seat.seat_index) await anna.page.locator(`li[data-seat="${seat.seat_index}"]`).getByText(tag, { exact: true }).waitFor();
    await anna.page.locator(`[data-bet="${seat.seat_index}"][data-amount="${seat.bet}"]`).waitFor();
    for (
      let doc = await anna.hydrate();
      doc.hand.board.length === cards && doc.hand.phase !== "complete";
      doc = await anna.hydrate()
    ) {
      const person = await whoActs([anna, ...bots]);
      if (person === anna) await checkOrCall(anna);
      else await person.act("CALL");
    }
  }
  await anna.page.getByRole("group", { name: "Result" }).waitFor();
  const winner = (await anna.hydrate()).hand.winners[0];
  await anna.page.locator(`li[data-seat="${winner.seat_index}"] .tag.win`).getByText(`+${winner.amount}`).waitFor();
  assert.deepEqual(await anna.page.evaluate(() => [...window.travelled]), []);
  assert.ok((await lively.page.evaluate(() => window.travelled.size)) > 0, "the same hand does move for who likes motion");
  await allIsWell([anna, lively]);
});

test("the text view plays a hand by typed commands and says what happens", { timeout: 120_000 }, async () => {
  const { bots, link, start } = await botsAtTable(["Robin"], [1000]);
  const [robin] = bots;
  const anna = await house.meet("Anna");
  const { page } = anna;
  await comeIn(anna, link);
  await sit(anna, 1, 1000);
  await page.goto(`${link}?view=text`);
  await page.getByText("The game has not started.").waitFor();
  const answer = page.locator("output");
  const command = async (text) => {
    await page.getByRole("textbox", { name: "Command" }).fill(text);
    await page.getByRole("textbox", { name: "Command" }).press("Enter");
  };
  await start();
  await page.getByText(/^You hold /).waitFor();
  const spoken = page.locator("p[role=status][aria-live=polite]");
  const hears = (text) => until(`hears ${text}`, async () => (await spoken.textContent()).match(text) !== null);
  const annasTurn = (choice) =>
    until(
      "Anna's turn",
      async () =>
        Boolean((await anna.hydrate()).me.legal_actions) || ((await robin.mayAct()) && (await robin.act(choice)), false),
    );
  const sends = async (text) => {
    const { timer } = await anna.hydrate();
    await command(text);
    await until(`${text} is sent`, async () => (await answer.textContent()) === "Sent.");
    await until(`${text} counts`, async () => (await anna.hydrate()).timer?.turn !== timer.turn);
  };

  await annasTurn("CALL");
  await until("Anna is told", async () => (await anna.said()).startsWith("Your turn. You can "));
  await page
    .getByText(/^Your turn\. You can /)
    .first()
    .waitFor();
  await sends("r 40");
  await until("Robin calls", async () => (await robin.mayAct()) && (await robin.act("CALL"), true));
  await hears(/Robin calls 30|Robin calls 20/);
  await annasTurn("CHECK");
  const flop = await anna.hydrate();
  for (const [asked, text] of [
    ["pot", "Pot 80."],
    ["stacks", "Seat 1 Anna 960. Seat 2 Robin 960"],
    ["board", "Board: "],
    ["hand", "You hold "],
    ["time", "Your turn. You can check, bet 10 to 960 or fold."],
    ["help", "f fold, c check or call"],
    ["dance", '"dance" is not a command.'],
    ["r 5000", "Between 10 and 960."],
    ["f", "Check is free."],
  ]) {
    await command(asked);
    await until(
      `the answer to ${asked}`,
      async () => (await answer.textContent()).startsWith(text) && (await anna.said()).startsWith(text),
    );
  }
  assert.equal((await anna.hydrate()).timer.turn, flop.timer.turn, "questions change nothing");
  await accessible(anna, "text view");
  for (const cards of [3, 4, 5]) {
    await annasTurn("CHECK");
    assert.equal((await anna.hydrate()).hand.board.length, cards);
    await sends("c");
    if (await robin.mayAct()) await robin.act("CHECK");
  }
  await page.getByText(/^The hand is over\./).waitFor();
  await hears(/wins? 80/);
  const doc = await anna.hydrate();
  const rows = await page
    .getByRole("row")
    .evaluateAll((all) => all.slice(1).map((row) => [row.cells[0].textContent, row.cells[2].textContent]));
  assert.deepEqual(
    rows,
    doc.seats.filter((s) => s.user_id).map((s) => [String(s.seat_index + 1), s.chips.toLocaleString("en-US")]),
  );
  await page.getByRole("link", { name: "Picture of the table" }).click();
  await page.getByRole("list", { name: "Seats" }).waitFor();
  await allIsWell([anna]);
});

test("the replay ends as the hand did, and shows a spectator nothing that was not shown", { timeout: 120_000 }, async () => {
  const { bots, link, start } = await botsAtTable(["Ben", "Cleo", "Dana"], [500, 700, 900]);
  const [sam, anna] = await Promise.all([house.meet("Sam"), house.meet("Anna")]);
  await comeIn(anna, link);
  await sit(anna, 1, 1000);
  await comeIn(sam, link, "Just watch");
  await sam.page.getByRole("region", { name: "Your place" }).getByText("You are watching").waitFor();
  await accessible(sam, "watching");
  await start();
  await dealt(anna);
  // One bot folds, the others and Anna see the showdown.
  const folder = bots[0];
  const dealtToFolder = (await folder.hydrate()).me.hole_cards;
  let folded = false;
  while ((await anna.hydrate()).hand.phase !== "complete") {
    const person = await whoActs([anna, ...bots]);
    if (person === anna) await checkOrCall(anna);
    else if (person === folder && !folded) (folded = true), await folder.act("FOLD");
    else await person.act((await person.hydrate()).me.legal_actions.actions.includes("CHECK") ? "CHECK" : "CALL");
  }
  // Who is connected is no part of a hand, so those tags aren't compared.
  const picture = ({ page }) =>
    page.locator("li.seat:not(.empty)").evaluateAll((seats) =>
      seats
        .map((seat) => ({
          seat: seat.dataset.seat,
          stack: seat.querySelector(".st").dataset.chips,
          cards: [...seat.querySelectorAll("[data-card]")].map((card) => card.dataset.card),
          tag: seat.querySelector(".tag:not([data-k=STATE])")?.textContent ?? "",
          winner: seat.classList.contains("winner"),
        }))
        .sort((a, b) => a.seat - b.seat),
    );
  const result = ({ page }) => page.getByRole("group", { name: "Result" }).textContent();
  for (const person of [sam, anna]) {
    await person.page.getByRole("group", { name: "Result" }).waitFor();
    await inStep(person);
    await accessible(person, "result");
    const live = { board: await person.board(), seats: await picture(person), result: await result(person) };
    assert.equal(live.board.length, 5);
    assert.ok(live.seats.some((s) => s.winner && s.cards.length === 2));

    await person.page.getByRole("link", { name: "All hands" }).click();
    await person.page.getByRole("link", { name: /^#1/ }).waitFor();
    await accessible(person, "history");
    await person.page.getByRole("link", { name: /^#1/ }).click();
    await person.button("To the end").click();
    assert.deepEqual(
      { board: await person.board(), seats: await picture(person), result: await result(person) },
      live,
      `${person.name}'s replay ends as the hand did`,
    );
    await person.button("Check the deal").click();
    await person.page.getByText(/^All \d+ cards that you saw were fixed before the hand was dealt\.$/).waitFor();
    // With one card put in another's place the proof has to fail.
    await person.page.route("**/proofs", async (route) => {
      const body = await (await route.fetch()).json();
      body.proofs[0].card = body.proofs[1].card;
      await route.fulfill({ json: body });
    });
    await person.button("Check the deal").click();
    await person.page.getByText("The proof does not fit").waitFor();
    await accessible(person, "replay");
    await person.page.setViewportSize(PHONE);
    await fits(person, "replay on a phone");
  }
  const record = sam.heard.find((item) => item.path?.startsWith("/api/hands/"));
  assert.ok(record.text.includes("player_action"));
  const everything = sam.heard.map((item) => item.text).join() + (await sam.page.content());
  for (const card of dealtToFolder) assert.ok(!everything.includes(card), `the folded ${card} is nowhere`);
  await sam.page.goto(link);
  await sam.page.getByRole("list", { name: "Seats" }).waitFor();
  await allIsWell([sam, anna]);
});
