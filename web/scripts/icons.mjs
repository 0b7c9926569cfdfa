// Draws the PNG icons from static/icon.svg with the Chromium that the tests use. Only needed when the icon changes.
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const dir = join(dirname(fileURLToPath(import.meta.url)), "..", "static");
const svg = await readFile(join(dir, "icon.svg"), "utf8");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage();
for (const [name, size, pad] of [["icon-192.png", 192, 0], ["icon-512.png", 512, 0], ["icon-maskable.png", 512, 64]]) {
  await page.setViewportSize({ width: size, height: size });
  const inner = size - 2 * pad;
  await page.setContent(`<style>*{margin:0}body{background:${pad ? "#0B3328" : "transparent"}}svg{position:absolute;left:${pad}px;top:${pad}px;width:${inner}px;height:${inner}px}</style>${svg}`);
  await writeFile(join(dir, name), await page.screenshot({ omitBackground: !pad }));
}
await browser.close();
