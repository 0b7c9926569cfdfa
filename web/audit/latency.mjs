// Ten seats: from an event's arrival in the page to the painted frame that shows it; and from a click to "Sending…".
import { until } from "../e2e/kit.mjs";
import { measured, report, spread, Table, workOf } from "./table.mjs";

const SEATS = 10;
const EVENTS = 400;
/** Ten decisions a second: several times as fast as the quickest table of people. */
const PAUSE_MS = 100;
const CLICKS = 20;

/** Runs in the page before everything else. */
function instrument() {
  window.measured = { shown: [], sinceServer: [], missed: 0, clicks: [] };
  const waiting = [];
  let looking = false;
  const afterPaint = (then) => {
    const painted = new MessageChannel();
    painted.port1.onmessage = then;
    painted.port2.postMessage(null);
  };
  const board = () => document.querySelectorAll(".board [data-card]").length;
  const stack = (seat) => Number(document.querySelector(`li.seat[data-seat="${seat}"] .st`)?.dataset.chips ?? Number.NaN);
  const SHOWS = {
    player_action: (e) => stack(e.seatIndex) === e.chips,
    street_advanced: (e) => board() === e.board.length,
    hand_complete: (e) => e.chips.every((c) => stack(c.seatIndex) === c.chips),
  };
  const look = () => {
    const now = performance.now();
    const done = waiting.filter((w) => SHOWS[w.event.type](w.event));
    for (const w of done) waiting.splice(waiting.indexOf(w), 1);
    for (const w of waiting.filter((w) => now - w.at > 2000)) {
      waiting.splice(waiting.indexOf(w), 1); // overtaken by the next event before a frame was due
      window.measured.missed++;
    }
    if (done.length > 0) {
      afterPaint(() => {
        for (const w of done) {
          window.measured.shown.push(performance.now() - w.at);
          window.measured.sinceServer.push(Date.now() - w.event.at);
        }
      });
    }
    looking = waiting.length > 0;
    if (looking) requestAnimationFrame(look);
  };
  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        const event = JSON.parse(data);
        if (!(event.type in SHOWS)) return;
        waiting.push({ event, at: performance.now() });
        if (!looking) requestAnimationFrame(look);
        looking = true;
      });
    }
  };
  document.addEventListener(
    "click",
    (click) => {
      const until = () => {
        if (!document.querySelector(".act")?.textContent.includes("Sending…"))
          return performance.now() - click.timeStamp < 2000 && requestAnimationFrame(until);
        afterPaint(() => window.measured.clicks.push(performance.now() - click.timeStamp));
      };
      if (click.target.closest(".act button")) requestAnimationFrame(until);
    },
    { capture: true },
  );
}

await measured(async (house) => {
  const table = await Table.open(house, { seats: SEATS, prepare: (page) => page.addInitScript(instrument) });
  const { page } = table;

  const work = await workOf(table.host.context, page);
  for (const [pauseMs, how, limit] of [
    [PAUSE_MS, `one decision each ${PAUSE_MS} ms`, "100 ms at p95"],
    [0, "as fast as the server takes decisions", "none"],
  ]) {
    await page.evaluate(() => Object.assign(window.measured, { shown: [], sinceServer: [], missed: 0 }));
    const before = await work();
    const seqThen = (await table.hydrate()).seq + EVENTS;
    await table.playUntil((doc) => doc.seq >= seqThen, pauseMs);
    const { shown, sinceServer, missed } = await page.evaluate(() => window.measured);
    report(
      `Event in the page to pixels, ${SEATS} seats, ${how}`,
      `${spread(shown)} (${missed} overtaken by the next event)`,
      limit,
    );
    report("  from the server's instant of the event", spread(sinceServer), "none");
    report("  work of the page's main thread for an event", `mean ${(((await work()) - before) / EVENTS).toFixed(1)} ms`, "none");
  }

  // The answer is held back, so that there is a "Sending…" to see however near the server is.
  await page.route("**/api/games/*/actions", async (route) => {
    await new Promise((go) => setTimeout(go, 300));
    await route.continue();
  });
  for (let i = 0; i < CLICKS; i++) {
    const doc = await table.playUntil((now) => now.timer?.actor_seat === 0);
    const button = page.getByRole("region", { name: "Your action" }).getByRole("button", { name: /^(Check|Call)/ });
    await button.click();
    await until("the click counts", async () => (await table.hydrate()).timer?.turn !== doc.timer.turn);
  }
  const clicks = await page.evaluate(() => window.measured.clicks);
  report("Click to “Sending…”", spread(clicks), "50 ms");
});
