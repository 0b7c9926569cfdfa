// The pictures of docs/pictures: a real table in the middle of a hand, as a player, a spectator, a phone and the host see it.
// They are made by hand (`npm run pictures`), and best made smaller afterwards (pngquant).
import { fileURLToPath } from "node:url";
import { Bot, comeIn, dealt, House, PHONE, sit, until } from "../e2e/kit.mjs";

const OUT = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
const NAMES = ["Mika", "Tomasz", "Aoife", "Bao", "Inês"];
const STACKS = [2180, 1640, 5060, 1975, 3120];
const SETTINGS = {
  smallBlind: 10,
  bigBlind: 20,
  minBuyIn: 400,
  maxBuyIn: 10_000,
  seats: 6,
  actionTimeoutSecs: 600,
  betweenHandsSecs: 30,
};

const house = new House();
try {
  await house.open();
  const bots = await Promise.all(NAMES.map((name) => Bot.named(house.base, name)));
  const dana = await house.meet("Dana");
  await dana.page.goto(house.base);
  await dana.page.getByLabel("Your name at the table").first().fill("Dana");
  await dana.button("Open the table").click();
  await dana.page.getByRole("list", { name: "Seats" }).waitFor();
  const link = dana.page.url();
  await dana.call("PATCH", (room) => `/api/rooms/${room}/settings`, { ...SETTINGS, autoApprove: true });
  const room = await dana.room();
  for (const bot of bots) await bot.join(room);
  const watcher = await house.meet("Noor");
  await comeIn(watcher, link, "Watch");
  await sit(dana, 1, 3420);
  for (const [i, bot] of bots.entries()) await bot.sit(i + 1, STACKS[i]);
  await dana.call("POST", (id) => `/api/rooms/${id}/start`);
  await dealt(dana);

  const act = async (action, amount) => {
    const { timer, seats, game } = await bots[0].hydrate();
    const who = bots.find((bot) => bot.userId === seats[timer.actor_seat].user_id) ?? dana;
    await who.call("POST", `/api/games/${game.id}/actions`, { action, turn: timer.turn, ...(amount ? { amount } : {}) });
  };
  // To the turn, with three in for the pot, and the page's player to answer a raise.
  for (const move of [["RAISE", 60], ["CALL"], ["FOLD"], ["CALL"], ["FOLD"], ["CALL"]]) await act(...move);
  let doc = await dana.hydrate();
  while (doc.hand.phase !== "turn") {
    await act(doc.hand.current_bet > doc.seats[doc.timer.actor_seat].bet ? "CALL" : "CHECK");
    doc = await dana.hydrate();
  }
  for (let moves = 0; doc.timer.actor_seat !== doc.me.seat_index && moves < 6; moves++) {
    await act(doc.hand.current_bet > 0 ? "CALL" : "BET", doc.hand.current_bet > 0 ? undefined : 160);
    doc = await dana.hydrate();
  }
  await until("Dana's turn", () => dana.mayAct());
  const settle = (page) =>
    page.evaluate(() =>
      Promise.all(
        document
          .getAnimations()
          .filter((a) => a.effect.getComputedTiming().endTime < 3000)
          .map((a) => a.finished.catch(() => {})),
      ),
    );
  const shoot = async ({ page }, name) => {
    await until("no message covers the table", async () => (await page.locator(".toasts li").count()) === 0, 20_000);
    await settle(page);
    await page.screenshot({ path: `${OUT}${name}.png` });
  };
  await shoot(dana, "table");
  await shoot(watcher, "spectator");
  await dana.button(/^Host/).click();
  await dana.page.getByRole("heading", { name: /Host/ }).first().waitFor();
  await shoot(dana, "host");
  await dana.page.keyboard.press("Escape");
  await dana.page.setViewportSize({ ...PHONE, height: 720 });
  await shoot(dana, "phone");
} finally {
  await house.close();
}
