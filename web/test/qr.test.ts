import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { correction, qr } from "../src/room/qr";

const SIZES: [bytes: number, size: number][] = [
  [14, 21],
  [15, 25],
  [26, 25],
  [42, 29],
  [62, 33],
  [84, 37],
  [106, 41],
  [122, 45],
  [152, 49],
  [180, 53],
];

test("correction bytes are those of the well-known HELLO WORLD example", () => {
  assert.deepEqual(
    correction([32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17], 10),
    [196, 35, 39, 119, 235, 215, 231, 226, 93, 23],
  );
});

test("each version is used as far as it reaches, and no link is cut", () => {
  for (const [bytes, size] of SIZES) assert.equal(qr("x".repeat(bytes))?.length, size);
  assert.equal(qr("x".repeat(181)), null);
});

/** Drawn by another encoder (Python's `qrcode`), with the mask that ours chooses. */
const LINK = `
11111110110011010111101111111
10000010111101000010101000001
10111010011000011010101011101
10111010101100110101001011101
10111010010010101111101011101
10000010000111000101101000001
11111110101010101010101111111
00000000100000000100000000000
10110111001001001111001001011
10100101001011111011101110001
01000010110111000010100100110
01110000010110011011110100001
10010010011000111111010001100
11100001011000110001001000111
11101110110011001111010010111
11011001100110111000011010010
11111010001000101010010011010
00100100000110111010100101110
10011011010101110110100110100
00000000110111100100010100100
01110011011101110100111111100
00000000101100011110100011111
11111110101000101011101011010
10000010110111101010100011001
10111010011010011000111110100
10111010110101001001110111001
10111010110000000101010100101
10000010001100101000111101010
11111110110011101001100100010
`;
const drawing = (text: string): string => (qr(text) ?? []).map((row) => row.map(Number).join("")).join("\n");

test("drawings are those of another encoder, module by module", () => {
  assert.equal(drawing("https://cards.example.org/r/K7QX42AB"), LINK.trim());
  const digest = (text: string) => createHash("sha256").update(drawing(text)).digest("hex").slice(0, 16);
  assert.equal(digest("http://127.0.0.1:8080/r/K7QX42AB"), "b5ed2a9cdb19090b");
  assert.equal(digest("z".repeat(120)), "ec476540298f28bd"); // version 7: it draws its number, and has four blocks
  assert.equal(digest("w".repeat(180)), "9ae4656a2ed52a2d"); // version 9: blocks of two lengths
});
