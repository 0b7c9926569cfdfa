// Where seats, bets and the button are, in percent of the ring box. Slot 0 is the viewer, then clockwise.
export interface Point {
  x: number;
  y: number;
}
export interface BetPoint extends Point {
  /** Which end of the pill lies at x, so that a long amount grows away from its pod; without it the middle does. */
  end?: "left" | "right";
}
export interface Slot extends Point {
  bet: BetPoint;
  /** Where the dealer button lies; null: on the pod itself. */
  button: Point | null;
}

/** Portrait: fixed rows, so that the band of the board (31 % to 54 %) never meets a seat, and the rows of bets meet neither. */
const ROW = { top: 11.5, upper: 27.5, lower: 63.5, bottom: 84 } as const;
type Row = keyof typeof ROW;
const BETS = { top: 22.7, upper: 28.3, lower: 56.5, mine: 62.5, bottom: 68.5 } as const;

const inner = (left: boolean, row: Row): BetPoint => ({ x: left ? 27 : 73, y: BETS[row], end: left ? "left" : "right" });
const side = (left: boolean, row: Row): Slot => ({ x: left ? 13 : 87, y: ROW[row], bet: inner(left, row), button: null });
const above = (x: number): Slot => ({ x, y: ROW.top, bet: x === 50 ? { x, y: BETS.top } : inner(x < 50, "top"), button: null });
/** l: left, r: right, t: top; each with its row, clockwise from the viewer's left. */
const PORTRAIT: Record<number, string> = {
  1: "",
  2: "t50",
  3: "lu ru",
  4: "ll t50 rl",
  5: "ll lu ru rl",
  6: "ll lu t50 ru rl",
  7: "ll lu t31 t69 ru rl",
  8: "lb ll lu t50 ru rl rb",
  9: "lb ll lu t31 t69 ru rl rb",
  10: "lb ll lu t19 t50 t81 ru rl rb",
};
const ROWS: Record<string, Row> = { u: "upper", l: "lower", b: "bottom" };

function portrait(n: number): Slot[] {
  const words = PORTRAIT[n]?.split(" ").filter(Boolean) ?? [];
  const rest = words.map((w) => (w[0] === "t" ? above(Number(w.slice(1))) : side(w[0] === "l", ROWS[w[1] ?? "l"] ?? "lower")));
  return [{ x: 50, y: 91.5, bet: { x: 50, y: BETS.mine }, button: null }, ...rest];
}

const lerp = (p: Point, t: number, c: Point): Point => ({ x: p.x + (c.x - p.x) * t, y: p.y + (c.y - p.y) * t });

function landscape(n: number): Slot[] {
  const centre: Point = { x: 50, y: 46 };
  return ring(n).map((p, i): Slot => {
    const middle = Math.abs(p.x - 50) < 12;
    const bet = lerp(p, i === 0 ? 0.55 : middle ? 0.36 : 0.33, centre);
    if (i === 0) return { ...p, bet, button: { x: 35, y: 80 } };
    const near = lerp(p, 0.27, centre);
    const inward = p.x <= 50 ? 1 : -1;
    const button = middle ? { x: near.x + 8, y: near.y } : { x: near.x + inward, y: near.y + (p.y < 50 ? 8 : -9) };
    return { ...p, bet, button };
  });
}

/** Evenly spaced by arc length on a stadium, bottom centre first, clockwise. */
export function ring(n: number): Point[] {
  const a = 44;
  const b = 42;
  const r = 38;
  const sx = 2 * (a - r);
  const sy = 2 * (b - r);
  const arc = (Math.PI * r) / 2;
  const around = 2 * sx + 2 * sy + 4 * arc;
  const ax = a - r;
  const by = b - r;
  const parts: [number, (t: number) => Point][] = [
    [sx / 2, (t) => ({ x: -t, y: b })],
    [arc, (t) => ({ x: -ax - r * Math.sin(t / r), y: by + r * Math.cos(t / r) })],
    [sy, (t) => ({ x: -a, y: by - t })],
    [arc, (t) => ({ x: -ax - r * Math.cos(t / r), y: -by - r * Math.sin(t / r) })],
    [sx, (t) => ({ x: -ax + t, y: -b })],
    [arc, (t) => ({ x: ax + r * Math.sin(t / r), y: -by - r * Math.cos(t / r) })],
    [sy, (t) => ({ x: a, y: -by + t })],
    [arc, (t) => ({ x: ax + r * Math.cos(t / r), y: by + r * Math.sin(t / r) })],
    [sx / 2 + 1e-6, (t) => ({ x: ax - t, y: b })],
  ];
  return Array.from({ length: n }, (_, i) => {
    let d = (around * i) / n;
    for (const [length, at] of parts) {
      if (d <= length) {
        const p = at(d);
        return { x: 50 + p.x, y: 50 + p.y };
      }
      d -= length;
    }
    return { x: 50, y: 50 + b };
  });
}

export const layout = (seats: number, tall: boolean): Slot[] => (tall ? portrait(seats) : landscape(seats));
