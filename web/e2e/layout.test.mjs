// Tables of 2 to 10 on the screens people have: nothing on top of anything, nothing cut off, nothing too small to hit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bot, comeIn, dealt, openHouse, sit, until } from "./kit.mjs";
import { accessible, laidOut } from "./looks.mjs";
import { allIsWell } from "./verdict.mjs";

const SIZES = [
  [360, 640],
  [390, 844],
  [844, 390],
  [768, 1024],
  [1280, 800],
  [1920, 1080],
];
/** Where the sizes are folded away until they are asked for. */
const TALL = SIZES.filter(([width, height]) => width < height);
/** As long as names get here, and stacks that are long in full or in short. */
const NAMES = ["Wilhelmina Wrong", "Maximilian Moore", "Bartholomew West", "Marie-Antoinette"];
const STACKS = [9_999_999_999, 98_765];
const SETTINGS = {
  smallBlind: 5,
  bigBlind: 10,
  minBuyIn: 100,
  maxBuyIn: 9_999_999_999,
  actionTimeoutSecs: 0,
  betweenHandsSecs: 30,
};

const house = openHouse();

/** One board with large amounts; and four cards each with two boards, where what each half was won with takes most room. */
const HOLDEM = { name: "", settings: {}, raise: 10_000, bet: 12_345 };
const TWO_BOARDS = { name: ", hi-lo on two boards", settings: { variant: "plo8", doubleBoard: "always" }, raise: 20, bet: 40 };
const TABLES = [...Array.from({ length: 9 }, (_, i) => [HOLDEM, i + 2]), ...[2, 3, 6, 9, 10].map((seats) => [TWO_BOARDS, seats])];

for (const [game, seats] of TABLES) {
  const { name, settings, raise, bet } = game;
  test(`${seats} seats${name}: empty seats, bets, an amount being chosen, a showdown`, { timeout: 120_000 }, async () => {
    const bots = await Promise.all(
      Array.from({ length: seats - 1 }, (_, i) => Bot.named(house.base, i ? NAMES[i % NAMES.length] : "Wilhelmina Wright")),
    );
    const { room, link } = await bots[0].open({ ...SETTINGS, ...settings, seats });
    for (const bot of bots.slice(1)) await bot.join(room.id);
    const hero = await house.meet("Anna-Lena Winter");
    await hero.page.emulateMedia({ reducedMotion: "reduce" });
    await comeIn(hero, link);
    const faults = [];
    const sweep = async (state, sizes = SIZES, least = 0) => {
      for (const [width, height] of sizes) {
        for (const fault of await laidOut(hero, { width, height })) {
          if (Number(/[\d.]+(?= on | at )/.exec(fault)?.[0] ?? Infinity) > least)
            faults.push(`${width}x${height}, ${state}: ${fault}`);
        }
      }
    };
    await sweep("empty seats");
    await sit(hero, 1, STACKS[0]);
    for (const [i, bot] of bots.entries()) await bot.sit(i + 1, STACKS[(i + 1) % 2]);
    await bots[0].call("POST", `/api/rooms/${room.id}/start`);
    await dealt(hero);

    // Only the page is looked at here, so the hands are driven past it: one decision of whoever is to act.
    const look = () => bots[0].hydrate();
    const act = ({ game, seats: taken, timer }, action, amount) => {
      const person = bots.find((bot) => bot.userId === taken[timer.actor_seat].user_id) ?? hero;
      return person.call("POST", `/api/games/${game.id}/actions`, { action, turn: timer.turn, ...(amount ? { amount } : {}) });
    };
    let doc = await look();
    assert.equal(doc.hand.button_seat, 0, "the hero has the button, so on the flop everybody else bets or calls first");
    await act(doc, "RAISE", raise);
    while ((doc = await look()).hand.phase === "preflop") await act(doc, "CALL");
    await act(doc, "BET", bet);
    while ((doc = await look()).timer.actor_seat !== 0) await act(doc, "CALL");
    await until("the hero's turn", () => hero.mayAct());
    await sweep("bets");
    if (seats === 10) await accessible(hero, "10 seats");
    await hero.page.setViewportSize({ width: SIZES[0][0], height: SIZES[0][1] });
    await hero.button(/^(Raise|Bet)/, hero.bar()).click();
    await hero.page.getByRole("group", { name: /size$/ }).waitFor();
    await sweep("an amount being chosen", TALL);
    while ((doc = await look()).hand.phase !== "complete")
      await act(doc, doc.hand.current_bet > doc.seats[doc.timer.actor_seat].bet ? "CALL" : "CHECK");
    await hero.page.getByRole("group", { name: "Result" }).waitFor();
    // Who wins with what is chance, and its words are of any length: a few pixels are let pass.
    await sweep("showdown", SIZES, 12);
    assert.equal(faults.join("\n"), "");
    await allIsWell([hero]);
  });
}
