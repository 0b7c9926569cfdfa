// A thousand hands in one tab: what the page keeps. Heap and DOM nodes are read after forced garbage collection.
import { inStep } from "../e2e/kit.mjs";
import { measured, report, Table } from "./table.mjs";

const HANDS = Number(process.env.HANDS ?? 1000);
/** The log and the caches of the page are full by then; what grows after it grows for ever. */
const WARM_UP = Math.min(100, Math.floor(HANDS / 5));
/** Short hands: it is their number that counts. */
const PLAY = { seats: 2, foldShare: 0.5 };

await measured(async (house) => {
  const table = await Table.open(house, PLAY);
  const cdp = await table.host.context.newCDPSession(table.page);
  const look = async (doc) => {
    await inStep(table.host);
    await table.page.waitForTimeout(7000); // toasts and announcements have gone by then
    for (let i = 0; i < 3; i++) await cdp.send("HeapProfiler.collectGarbage");
    const { usedSize } = await cdp.send("Runtime.getHeapUsage");
    const { nodes, jsEventListeners } = await cdp.send("Memory.getDOMCounters");
    const attached = await table.page.evaluate(() => document.querySelectorAll("*").length);
    console.log(
      `hand ${doc.hand.number}: heap ${(usedSize / 1e6).toFixed(2)} MB, ${nodes} nodes of which ${attached} elements in the page, ${jsEventListeners} listeners`,
    );
    return { heap: usedSize, nodes };
  };
  const atHand = (n) => table.playUntil((doc) => doc.hand?.number >= n && doc.hand.phase === "preflop" && doc.timer !== null);
  const began = Date.now();
  const before = await look(await atHand(WARM_UP));
  let after = before;
  for (let part = 1; part <= 10; part++) after = await look(await atHand(WARM_UP + Math.round((HANDS * part) / 10)));
  const mb = (after.heap - before.heap) / 1e6;
  report(`Heap growth over ${HANDS} hands`, `${mb.toFixed(2)} MB`, "5 MB");
  report(`DOM node growth over ${HANDS} hands`, `${after.nodes - before.nodes}`, "none");
  console.log(`(${((Date.now() - began) / 1000).toFixed(0)} s; faults seen by the page: ${table.host.wrong.length})`);
});
