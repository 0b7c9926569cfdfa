import assert from "node:assert/strict";
import { test } from "node:test";
import { expiryOf, readHandover } from "../src/net/handover";

test("a token is read from Supabase's redirect, and from nothing else", () => {
  assert.deepEqual(readHandover("#access_token=a.b.c&expires_in=3600&token_type=bearer&type=magiclink"), { token: "a.b.c" });
  assert.deepEqual(readHandover("#error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid"), {
    token: null,
  });
  for (const other of ["", "#", "#actions", "#access_token=", "#error=1"]) assert.equal(readHandover(other), null);
});

test("a token's end is read where it has one", () => {
  const token = (claims: unknown) =>
    `h.${btoa(JSON.stringify(claims)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}.s`;
  assert.equal(expiryOf(token({ exp: 1_800_000_000, name: "Zoë~~??>>" })), 1_800_000_000_000);
  for (const none of [token({}), token({ exp: "soon" }), "not a token", "a.%%%.c", ""]) assert.equal(expiryOf(none), null);
});
