// What has to hold at the end of every test, whatever it was about: nobody's browser complains, every page agrees with the
// server, no chip came or went in a hand, and nobody was sent, shown or left with a card that isn't theirs to see.

import assert from "node:assert/strict";
import { inStep } from "./kit.mjs";

const CARD = /\b(?:hearts|diamonds|spades|clubs)_(?:10|[2-9JQKA])\b/g;
const SUITS = { spades: "♠", hearts: "♥", diamonds: "♦", clubs: "♣" };
const RANKS = { J: "jack", Q: "queen", K: "king", A: "ace" };
const DECK = Object.keys(SUITS).flatMap((suit) =>
  ["2", "3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K", "A"].map((rank) => `${suit}_${rank}`),
);
const HOLE = { nlhe: 2, plo: 4, plo5: 5, plo8: 4, shortdeck: 2 };
const cardsIn = (text) => new Set(text.match(CARD) ?? []);

/** Looks at everybody. Who has left the room by now is asked for nothing new: they were sent what they were sent. */
export async function allIsWell(people) {
  for (let tries = 1; ; tries++) {
    const hands = await handsOf(people);
    try {
      await examine(people, hands);
      return hands;
    } catch (e) {
      // What happened while we were looking isn't in the log that we judged by.
      if (tries === 3 || lastOf(await handsOf(people)) === lastOf(hands)) throw e;
    }
  }
}
const lastOf = (hands) => hands.at(-1)?.events.at(-1).seq;
async function examine(people, hands) {
  for (const person of people) if (await isAtTable(person)) await inStep(person);
  for (const hand of hands) chipsStay(hand);
  for (const person of people) learnOwn(person, hands);
  for (const hand of hands) cardsDiffer(hand);
  for (const person of people) {
    for (const item of person.heard) itemIsTheirs(person, item, hands);
    await pagesAreTheirs(person, hands);
    assert.deepEqual(person.wrong, [], `${person.name}'s browser has nothing to complain about`);
  }
}
const isAtTable = async (person) =>
  (await person.room()) !== null && (await person.page.locator(".app:not(.replay) #table").count()) > 0;

/** Every event of the room there has been, cut into hands; `own` is filled with each person's cards later. */
async function handsOf(people) {
  let member;
  for (const person of people) member ??= (await person.room()) && person;
  assert.ok(member, "somebody is still in the room");
  const path = `/api/rooms/${await member.room()}/events`;
  const log = [];
  for (let page; !page || page.events.length > 0; ) {
    page = await member.call("GET", `${path}?after=${log.at(-1)?.seq ?? 0}&limit=500`);
    log.push(...page.events);
  }
  const hands = [];
  for (const event of log) {
    if (event.type === "hand_started") {
      if (hands.length) hands.at(-1).to = event.seq - 1;
      hands.push({
        id: event.handId,
        number: event.handNumber,
        from: event.seq,
        to: Infinity,
        events: [],
        own: new Map(),
        rabbit: new Map(),
        done: null,
      });
    }
    hands.at(-1)?.events.push(event);
    if (event.type === "hand_complete") hands.at(-1).done = event;
  }
  return hands;
}
/** Cards on all boards after event `seq`. */
function board(hand, seq) {
  const seen = hand.events.filter((e) => e.seq <= seq);
  const streets =
    seen
      .filter((e) => e.type === "street_advanced")
      .at(-1)
      ?.boards.flat() ?? [];
  return [...new Set([...streets, ...seen.filter((e) => e.type === "run_dealt").flatMap((e) => e.board)])];
}
/** What everybody may see of a hand after event `seq`. */
function open(hand, seq = Infinity) {
  const done = hand.done && hand.done.seq <= seq ? [...hand.done.boards.flat(), ...hand.done.shown.flatMap((s) => s.cards)] : [];
  const shown = hand.events.filter((e) => e.type === "cards_shown" && e.seq <= seq).flatMap((e) => e.cards);
  return [...board(hand, seq), ...done, ...shown];
}
const may = (person, hand, seq) =>
  new Set(hand ? [...(hand.own.get(person) ?? []), ...(hand.rabbit.get(person) ?? []), ...open(hand, seq)] : []);
const handAt = (hands, seq) => hands.find((h) => h.from <= seq && seq <= h.to);

/** At every moment of a hand the stacks and the pot make the same sum. */
function chipsStay({ number, events, done }) {
  const [start] = events;
  const stacks = new Map(start.seats.map((s) => [s.seatIndex, s.chips]));
  const sum = () => [...stacks.values()].reduce((a, b) => a + b, 0);
  const total = sum() + start.pot;
  for (const e of events.filter((x) => x.type === "player_action")) {
    stacks.set(e.seatIndex, e.chips);
    assert.equal(sum() + e.pot, total, `hand ${number}: chips neither appear nor vanish with event ${e.seq}`);
    if (e.returned) stacks.set(e.returned.seatIndex, e.returned.chips);
  }
  if (!done) return;
  for (const c of done.chips) stacks.set(c.seatIndex, c.chips);
  assert.equal(sum(), total, `hand ${number}: what was put in is paid out`);
}

function learnOwn(person, hands) {
  const me = person.heard
    .map(({ kind, text }) => (kind === "frame" && text.includes('"authenticated"') ? JSON.parse(text).userId : null))
    .find(Boolean);
  for (const { kind, text } of person.heard) {
    const said = kind === "frame" || text.includes("hole_cards") ? JSON.parse(text) : {};
    if (said.type === "rabbit_shown" && said.boards) {
      assert.equal(said.userId, me, `only who asks ${person.name} is told what would have come`);
      hands.find((h) => h.id === said.handId)?.rabbit.set(person, said.boards.flat());
    }
    const [id, cards] = said.type === "hand_started" ? [said.handId, said.yourCards] : [said.hand?.id, said.me?.hole_cards];
    const hand = cards && hands.find((h) => h.id === id);
    if (!hand) continue;
    assert.equal(cards.length, HOLE[hand.events[0].variant]);
    assert.deepEqual(hand.own.get(person) ?? cards, cards, `${person.name} has the same cards all through hand ${hand.number}`);
    hand.own.set(person, cards);
  }
}
/** Nobody was told another player's cards as their own. */
function cardsDiffer(hand) {
  const all = [...hand.own.values()].flat().concat(board(hand, Infinity));
  assert.equal(new Set(all).size, all.length, `hand ${hand.number}: own cards and board are all different`);
}

function itemIsTheirs(person, { kind, path, text }, hands) {
  if (cardsIn(text).size === 0) return;
  const said = JSON.parse(text);
  const strange = (part, allowed) =>
    assert.deepEqual(
      [...cardsIn(JSON.stringify(part))].filter((card) => !allowed.has(card)),
      [],
      `${person.name} was sent ${path ?? "a frame"}: ${JSON.stringify(part).slice(0, 300)}`,
    );
  const eventIsTheirs = (e) => strange(e, may(person, handAt(hands, e.seq), e.seq));
  if (kind === "frame") return eventIsTheirs(said);
  const { events = [], ...rest } = said;
  for (const event of events) eventIsTheirs(event);
  // Asked for after the hand, and told to who asks alone.
  if (path.endsWith("/rabbit")) return strange(rest, new Set(hands.flatMap((h) => [...(h.rabbit.get(person) ?? [])])));
  if (path.endsWith("/hydrate")) strange(rest, may(person, handAt(hands, said.seq), said.seq));
  else
    strange(
      rest,
      may(
        person,
        hands.find((h) => path.startsWith(`/api/hands/${h.id}`) && h.done),
      ),
    );
}

/** Every tab shows only cards this person could see, the felt only those of one hand; and nothing is kept. */
async function pagesAreTheirs(person, hands) {
  const seen = new Set(hands.flatMap((hand) => [...may(person, hand)]));
  for (const page of person.context.pages()) {
    const { html, felt, kept } = await page.evaluate(() => ({
      html: document.documentElement.outerHTML,
      felt: [...document.querySelectorAll("#table [data-card]")].map((card) => card.dataset.card),
      kept: JSON.stringify({ ...localStorage, ...sessionStorage }),
    }));
    for (const card of DECK.filter((c) => !seen.has(c))) {
      const [suit, rank] = card.split("_");
      for (const form of [card, `${RANKS[rank] ?? rank} of ${suit}`, `>${rank}${SUITS[suit]}<`])
        assert.ok(!html.includes(form), `${form} is nowhere on ${person.name}'s page`);
    }
    assert.ok(
      felt.length === 0 || hands.some((hand) => felt.every((card) => may(person, hand).has(card))),
      `${person.name} may see what lies on the felt: ${felt}`,
    );
    assert.deepEqual([...cardsIn(kept)], [], `${person.name}'s browser keeps no card`);
  }
}
