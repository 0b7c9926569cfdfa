import assert from "node:assert/strict";
import { test } from "node:test";
import { initials } from "../src/i18n/format";

test("initials are letters as people see them", () => {
  const cases: [name: string, letters: string][] = [
    ["Ana", "AN"],
    ["ana lima", "AL"],
    ["  Bo  ", "BO"],
    ["🃏 Ana", "🃏A"],
    ["👩‍👩‍👧 Kim", "👩‍👩‍👧K"],
    ["🇧🇷🇵🇹", "🇧🇷🇵🇹"],
    ["e\u0301va", "E\u0301V"],
    ["Å", "Å"],
    ["李 小龍", "李小"],
    ["", ""],
  ];
  for (const [name, letters] of cases) assert.equal(initials(name), letters, name);
});
test("no initial is half a character", () => {
  for (const name of ["🃏", "🃏🃏🃏", "a 🃏", "𝔄𝔟 𝔠"]) assert(!encodeURIComponent(initials(name)).includes("%EF%BF%BD"), name);
});
