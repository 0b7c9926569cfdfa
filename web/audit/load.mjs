// From the start of a navigation to the seats on the screen, for somebody who comes back to a table with an empty cache.
import { measured, quantile, report, Table, workOf } from "./table.mjs";

const TIMES = 7;
const SLOW_LINE = { offline: false, latency: 150, downloadThroughput: (1.6e6 / 8) * 0.9, uploadThroughput: (750e3 / 8) * 0.9 };

/** Runs in the page before everything else: notes when the frame with the seats has been painted. */
function watchForSeats(seats) {
  const look = () => {
    if (document.querySelectorAll("li.seat .pod").length < seats) return requestAnimationFrame(look);
    const painted = new MessageChannel();
    painted.port1.onmessage = () => (window.seatsAt = performance.now());
    painted.port2.postMessage(null);
  };
  requestAnimationFrame(look);
}

await measured(async (house) => {
  const seats = 6;
  const table = await Table.open(house, { seats });
  const storageState = await table.host.context.storageState();
  await table.host.context.close();
  const visit = async (slow) => {
    const context = await house.browser.newContext({ storageState, viewport: { width: 1280, height: 800 } });
    try {
      const page = await context.newPage();
      if (slow) {
        const cdp = await context.newCDPSession(page);
        await cdp.send("Network.enable");
        await cdp.send("Network.emulateNetworkConditions", SLOW_LINE);
        await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
      }
      await page.addInitScript(watchForSeats, seats);
      const work = await workOf(context, page);
      await page.goto(table.link);
      await page.waitForFunction(() => window.seatsAt);
      const worked = await work();
      const seen = await page.evaluate(() => {
        const paint = performance.getEntriesByName("first-contentful-paint")[0];
        return {
          seats: window.seatsAt,
          paint: paint?.startTime ?? 0,
          requests: performance.getEntriesByType("resource").filter((r) => r.startTime < window.seatsAt).length + 1,
        };
      });
      return { ...seen, worked };
    } finally {
      await context.close();
    }
  };
  for (const [name, slow, limit] of [
    ["Loopback", false, "500 ms"],
    ["150 ms, 1.6 Mb/s, CPU x4", true, "1500 ms"],
  ]) {
    const visits = [];
    for (let i = 0; i < TIMES; i++) visits.push(await visit(slow));
    const median = (what) =>
      quantile(
        visits.map((v) => v[what]),
        0.5,
      ).toFixed(0);
    report(
      `${name}: navigation to seats`,
      `median ${median("seats")} ms of ${TIMES} (first paint ${median("paint")} ms, ${median("requests")} requests, ${median("worked")} ms of work in the page)`,
      limit,
    );
  }
});
