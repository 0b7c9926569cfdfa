// Draws the PNG icons from static/icon.svg with the Chromium that the tests use, and packs them with a palette of 16
// colours: the drawing has four, the rest are their edges. Only needed when the icon changes.
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";
import { chromium } from "playwright-core";

const dir = join(dirname(fileURLToPath(import.meta.url)), "..", "static");
const COLOURS = 16;

/** One PNG chunk: length, name, content, checksum. */
function chunk(name, content) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
const distance = (a, b) => a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0);

/** The colours that occur most, each clearly unlike those before it. */
function paletteOf(pixels) {
  const counts = new Map();
  for (const p of pixels) counts.set(p.join(), (counts.get(p.join()) ?? 0) + 1);
  const byCount = [...counts].sort((a, b) => b[1] - a[1]).map(([key]) => key.split(",").map(Number));
  const palette = [];
  for (const apart of [1600, 400, 100, 1]) {
    for (const colour of byCount) {
      if (palette.length < COLOURS && palette.every((known) => distance(known, colour) >= apart)) palette.push(colour);
    }
  }
  return palette;
}

/** RGBA bytes of a square picture as an indexed PNG with 4 bits a pixel. */
function pack(rgba, size) {
  const pixels = Array.from({ length: size * size }, (_, i) => [...rgba.subarray(4 * i, 4 * i + 4)]).map((p) =>
    p[3] === 0 ? [0, 0, 0, 0] : p,
  );
  const palette = paletteOf(pixels);
  const nearest = new Map();
  const indexOf = (p) => {
    const key = p.join();
    if (!nearest.has(key))
      nearest.set(
        key,
        palette.reduce((best, colour, i) => (distance(colour, p) < distance(palette[best], p) ? i : best), 0),
      );
    return nearest.get(key);
  };
  const row = size / 2 + 1; // a filter byte (0: none), then two pixels a byte
  const raw = Buffer.alloc(row * size);
  pixels.forEach((p, i) => {
    const at = Math.floor(i / size) * row + 1 + ((i % size) >> 1);
    raw[at] |= i % 2 === 0 ? indexOf(p) << 4 : indexOf(p);
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([4, 3, 0, 0, 0], 8); // bits, "indexed", and the only methods there are
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", head),
    chunk("PLTE", Buffer.from(palette.flatMap((c) => c.slice(0, 3)))),
    chunk("tRNS", Buffer.from(palette.map((c) => c[3]))),
    chunk("IDAT", deflateSync(raw, { level: 9, memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const svg = await readFile(join(dir, "icon.svg"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage();
for (const [name, size, pad] of [
  ["icon-192.png", 192, 0],
  ["icon-512.png", 512, 0],
  ["icon-maskable.png", 512, 64],
]) {
  const rgba = await page.evaluate(
    async ([source, side, edge]) => {
      const picture = new Image();
      picture.src = `data:image/svg+xml,${encodeURIComponent(source)}`;
      await picture.decode();
      const canvas = new OffscreenCanvas(side, side).getContext("2d");
      if (edge > 0) {
        canvas.fillStyle = "#0B3328";
        canvas.fillRect(0, 0, side, side);
      }
      canvas.drawImage(picture, edge, edge, side - 2 * edge, side - 2 * edge);
      return [...canvas.getImageData(0, 0, side, side).data];
    },
    [svg, size, pad],
  );
  await writeFile(join(dir, name), pack(Buffer.from(rgba), size));
}
await browser.close();
