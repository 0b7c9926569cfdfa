// Seats, bets, board and cards of 2 to 10 seats in the sizes of real screens: nothing on top of anything, nothing outside.
import assert from "node:assert/strict";
import { test } from "node:test";
import { layout } from "../src/table/geometry";

interface Box {
  name: string;
  x: number;
  y: number;
  w: number;
  h: number;
}
const clamp = (lo: number, x: number, hi: number) => Math.max(lo, Math.min(hi, x));
const overlap = (a: Box, b: Box, slack: number) =>
  Math.min((a.w + b.w) / 2 - Math.abs(a.x - b.x), (a.h + b.h) / 2 - Math.abs(a.y - b.y)) > slack;

/** The boxes as the style sheets size them; the stage is the screen without bars and side panel. */
function boxes(n: number, tall: boolean, w: number, h: number) {
  const ring = tall ? { w, h: h * 0.97 } : { w: Math.min(w * 0.94, h * 1.6), h: Math.min(h * 0.91, w * 0.6) };
  const left = (w - ring.w) / 2;
  const top = (h - ring.h) / 2;
  const at = (p: { x: number; y: number }) => ({ x: left + (p.x / 100) * ring.w, y: top + (p.y / 100) * ring.h });
  const seatW = tall ? clamp(82, w * 0.256, 112) : clamp(96, w * 0.135, 148);
  const podH = tall ? 44 : 54;
  const cw = tall ? clamp(40, Math.min(w * 0.124, h * 0.094), 62) : clamp(44, Math.min(w * 0.063, h * 0.116), 78);
  const boardH = cw * 1.4;
  const centre = at({ x: 50, y: tall ? 42.5 : 45 });
  const potH = 30;
  const gap = tall ? 7 : 10;
  const board: Box = { name: "board", x: centre.x, y: centre.y + (potH + gap) / 2, w: cw * 5 + 24, h: boardH };
  const slots = layout(n, tall);
  const pods = slots.map(
    (p, i): Box => ({ name: `pod ${i}`, ...at(p), w: i === 0 ? (tall ? 150 : clamp(150, w * 0.19, 210)) : seatW, h: podH }),
  );
  const bets = slots.map((p, i): Box => {
    const { x, y } = at(p.bet);
    const half = { left: 28, right: -28, middle: 0 }[p.bet.end ?? "middle"];
    return { name: `bet ${i}`, x: x + half, y, w: 56, h: 24 };
  });
  return { board, pods, bets };
}
const SCREENS: [name: string, tall: boolean, w: number, h: number][] = [
  ["360x640", true, 360, 519],
  ["390x844", true, 390, 723],
  ["412x915", true, 412, 794],
  ["1280x800", false, 980, 636],
  ["1440x900", false, 1140, 736],
  ["1920x1080", false, 1620, 916],
];
for (const [name, tall, w, h] of SCREENS) {
  test(`${name}: 2 to 10 seats`, () => {
    for (let n = 2; n <= 10; n++) {
      const { board, pods, bets } = boxes(n, tall, w, h);
      const where = `${n} seats`;
      for (const p of pods) {
        assert(p.x - p.w / 2 >= -1 && p.x + p.w / 2 <= w + 1, `${where}: ${p.name} is inside from left to right`);
        assert(p.y - p.h / 2 >= 0 && p.y + p.h / 2 <= h, `${where}: ${p.name} is inside from top to bottom`);
        assert(!overlap(p, board, 0), `${where}: ${p.name} is off the board`);
      }
      pods.forEach((a, i) => pods.slice(i + 1).forEach((b) => assert(!overlap(a, b, 2), `${where}: ${a.name} and ${b.name}`)));
      bets.forEach((a, i) => bets.slice(i + 1).forEach((b) => assert(!overlap(a, b, 2), `${where}: ${a.name} and ${b.name}`)));
      for (const b of bets) {
        assert(!overlap(b, board, 2), `${where}: ${b.name} and the board`);
        for (const p of pods) assert(!overlap(b, p, 2), `${where}: ${b.name} and ${p.name}`);
      }
    }
  });
}
test("the viewer sits at the bottom in the middle", () => {
  for (const tall of [true, false])
    for (let n = 2; n <= 10; n++) {
      const slots = layout(n, tall);
      assert.equal(slots.length, n);
      assert(Math.abs(slots[0]!.x - 50) < 0.01 && slots[0]!.y > 85);
    }
});
