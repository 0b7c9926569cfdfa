// Every pair of colours that carries words, read from the style sheet itself (WCAG 2.2 AA).
import assert from "node:assert/strict";
import { test } from "node:test";
import light from "../src/styles/light.css";
import tokens from "../src/styles/tokens.css";

const ROOT = /:root \{([\s\S]*?)\n\}/.exec(tokens)?.[1] ?? "";
const vars = (block: string): Record<string, string> =>
  Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9A-Fa-f]{6})/g)].map((m) => [m[1]!, m[2]!]));
const base = vars(ROOT);
/** The colours with one deck; the first deck is the one that `:root` has. */
function ofDeck(deck: string): Record<string, string> {
  const block = new RegExp(`:root\\[data-deck="${deck}"\\] ?\\{([^}]*)\\}`).exec(tokens)?.[1];
  assert(block || deck === "four", `the style sheet knows the deck "${deck}"`);
  return { ...base, ...vars(block ?? "") };
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
const ratio = (a: string, b: string): number => {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (hi! + 0.05) / (lo! + 0.05);
};
const PAIRS: [ink: string, ground: string, least: number][] = [
  ...["ink-0", "ink-1", "ink-2", "ink-3"].flatMap((g): [string, string, number][] => [
    ["text-1", g, 7],
    ["text-2", g, 4.5],
    ["text-3", g, 4.5],
    ["brass-hi", g, 4.5],
    ["brass", g, 4.5],
    ["warn", g, 4.5],
    ["allin", g, 4.5],
  ]),
  ["text-1", "ink-4", 7],
  ["text-2", "ink-4", 4.5],
  ["brass-ink", "brass", 4.5],
  ["go-ink", "go", 4.5],
  ["text-1", "fold", 4.5],
  ["stop", "ink-1", 4.5],
  ["info", "ink-1", 4.5],
];
test("words on their ground", () => {
  for (const [ink, ground, least] of PAIRS) {
    const r = ratio(base[ink]!, base[ground]!);
    assert(r >= least, `${ink} on ${ground}: ${r.toFixed(2)} < ${least}`);
  }
});
test("words on their ground in daylight", () => {
  const day = vars(light);
  for (const ground of ["ink-0", "ink-1", "ink-2", "ink-3", "ink-4"]) {
    for (const [ink, least] of [
      ["text-1", 7],
      ["text-2", 4.5],
      ["text-3", 4.5],
      ["brass-hi", 4.5],
    ] as const) {
      const r = ratio(day[ink]!, day[ground]!);
      assert(r >= least, `${ink} on ${ground}: ${r.toFixed(2)} < ${least}`);
    }
  }
  assert(
    ratio(day["brass-hi"]!, day.tint!) >= 4.5 &&
      ratio(day.alarm!, day["ink-2"]!) >= 4.5 &&
      ratio(day.alarm!, day["ink-3"]!) >= 4.5,
  );
});
for (const deck of ["four", "two", "high"]) {
  test(`suits on a card, deck "${deck}"`, () => {
    const v = ofDeck(deck);
    for (const suit of ["suit-s", "suit-h", "suit-d", "suit-c"])
      assert(ratio(v[suit]!, v["card-lo"]!) >= 4.5, `${suit}: ${ratio(v[suit]!, v["card-lo"]!).toFixed(2)}`);
  });
}
