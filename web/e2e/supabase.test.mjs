// A user of a Supabase project comes back from signing in there, with the access token in the address.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { test } from "node:test";
import { openHouse } from "./kit.mjs";

const SECRET = "a secret of the browser tests, long enough";
process.env.SUPABASE_JWT_SECRET = SECRET;
const house = openHouse();

/** An HS256 token as Supabase Auth issues it. */
function mint(sub, name, { secret = SECRET, secs = 3600 } = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub, aud: "authenticated", role: "authenticated", iat: now - 10, exp: now + secs, user_metadata: { full_name: name } })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
const redirect = (path, token) =>
  `${house.base}${path}#access_token=${token}&expires_in=3600&refresh_token=not-for-us&token_type=bearer&type=magiclink`;
/** Away from the page, once it has all that it asked for. */
async function leave({ page }) {
  await page.waitForLoadState("networkidle");
  await page.goto("about:blank");
}
const kept = (person) => person.page.evaluate(() => JSON.parse(localStorage.getItem("holdfast.session")));

test("a token in the address signs in, leaves no trace there, and opens a table", async () => {
  const sub = randomUUID();
  const token = mint(sub, "Sofia Sol");
  const person = await house.meet("Sofia");
  const { page } = person;
  await page.goto(redirect("/", token));
  await page.getByText("Logged in as Sofia Sol").waitFor();
  assert.equal((await kept(person)).userId, sub);
  assert.equal(page.url(), `${house.base}/`);
  assert.equal(await page.evaluate(() => history.length), 2, "the address with the token is no step to go back to");

  await person.button("Open the table").click();
  await page.getByRole("list", { name: "Seats" }).waitFor();
  assert.equal((await person.hydrate()).me.user_id, sub);
  await page.goBack();
  await page.getByText("Logged in as Sofia Sol").waitFor();
  assert.ok(!page.url().includes("access_token"));
  assert.ok(!(await page.content()).includes(token));
  assert.deepEqual(person.wrong, []);
});

test("a forged token and one that has run out are refused in words, and a guest may go on", async () => {
  for (const [token, why] of [
    [mint(randomUUID(), "Mallory", { secret: "another secret, as long as the first one" }), /does not accept it/],
    [mint(randomUUID(), "Late", { secs: -3600 }), /has run out/],
  ]) {
    const person = await house.meet("Mallory");
    person.outage = true; // the browser reports the 401 that this test is about
    await person.page.goto(redirect("/", token));
    await person.page.getByRole("alert").filter({ hasText: why }).waitFor();
    assert.equal(person.page.url(), `${house.base}/`);
    assert.equal(await kept(person), null);
    await person.button("Go on as a guest").click();
    await person.page.getByRole("heading", { name: "Your own poker room" }).waitFor();
  }
});

test("a link does not turn one player into another unasked", async () => {
  const anna = randomUUID();
  const ben = randomUUID();
  const person = await house.meet("Anna");
  await person.page.goto(redirect("/", mint(anna, "Anna")));
  await person.page.getByText("Logged in as Anna").waitFor();
  await leave(person);
  await person.page.goto(redirect("/", mint(ben, "Ben")));
  await person.button("Stay Anna").click();
  await person.page.getByText("Logged in as Anna").waitFor();
  assert.equal((await kept(person)).userId, anna);

  await leave(person);
  await person.page.goto(redirect("/settings", mint(ben, "Ben")));
  await person.button("Go on as Ben").click();
  await person.page.getByRole("heading", { name: "Device settings" }).waitFor();
  assert.equal((await kept(person)).userId, ben);
  assert.deepEqual(person.wrong, []);
});
