// Lighthouse, as on a phone, over the lobby and over a table with a hand running.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import lighthouse from "lighthouse";
import { chromium } from "playwright-core";
import { measured, report, Table } from "./table.mjs";

const TIMES = 3;
const PROMISED = { accessibility: 100, "best-practices": 100, seo: 90, performance: 90 };

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

await measured(async (house) => {
  const table = await Table.open(house, { seats: 6 });
  const storageState = await table.host.context.storageState();
  await table.host.context.close(); // a table open in two tabs is live in one of them only
  const profile = mkdtempSync(join(tmpdir(), "holdfast-lighthouse-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"],
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(house.base);
    await page.evaluate(
      (items) => items.forEach(({ name, value }) => localStorage.setItem(name, value)),
      storageState.origins[0].localStorage,
    );
    await page.goto("about:blank");
    const port = Number(readFileSync(join(profile, "DevToolsActivePort"), "utf8").split("\n")[0]);
    for (const [name, url] of [
      ["Lobby", house.base],
      ["Table", table.link],
    ]) {
      const runs = [];
      for (let i = 0; i < TIMES; i++) {
        const { lhr } = await lighthouse(url, {
          port,
          output: "json",
          logLevel: "error",
          disableStorageReset: true,
          onlyCategories: Object.keys(PROMISED),
        });
        runs.push(lhr);
      }
      for (const [category, promised] of Object.entries(PROMISED)) {
        report(
          `${name}, ${category}`,
          String(Math.round(100 * median(runs.map((r) => r.categories[category].score)))),
          `${promised}${category === "performance" ? " (told, not promised)" : ""}`,
        );
      }
      const last = runs.at(-1);
      const seconds = (id) => `${id} ${median(runs.map((r) => r.audits[id].numericValue)).toFixed(id.includes("shift") ? 3 : 0)}`;
      console.log(
        `  ${["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"].map(seconds).join(", ")}`,
      );
      for (const category of ["accessibility", "best-practices", "seo"]) {
        for (const { id } of last.categories[category].auditRefs) {
          const audit = last.audits[id];
          if (audit.score !== null && audit.score < 1)
            console.log(`  ${category}: ${audit.title} ${JSON.stringify(audit.details?.items?.slice(0, 3) ?? "")}`);
        }
      }
    }
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
