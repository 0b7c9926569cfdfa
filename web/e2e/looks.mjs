// How a screen looks, measured: accessibility by axe, and whether everything lies where it can be seen and pressed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Returns when everything that moves for a moment has come to rest. */
const rest = (page) =>
  page.evaluate(() => {
    const finite = document
      .getAnimations()
      .filter((a) => a.effect?.getComputedTiming().endTime !== Infinity && a.effect.getComputedTiming().endTime < 2000);
    return Promise.race([Promise.allSettled(finite.map((a) => a.finished)), new Promise((done) => setTimeout(done, 2500))]).then(
      () => null,
    );
  });

/** axe finds nothing on the page as it is. */
export async function accessible({ page, name }, screen) {
  await rest(page);
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const found = await page.evaluate(async (tags) => {
    const { violations, passes } = await window.axe.run(document, {
      runOnly: { type: "tag", values: tags },
      resultTypes: ["violations"],
    });
    return {
      checked: passes.length,
      violations: violations.flatMap((v) =>
        v.nodes.map(
          (n) => `${v.id}: ${n.target.join(" ")} ${n.html.slice(0, 120)} ${n.any[0]?.message ?? n.all[0]?.message ?? ""}`,
        ),
      ),
    };
  }, TAGS);
  assert.ok(found.checked > 5, `axe looked at ${screen}`);
  assert.deepEqual(found.violations, [], `${screen}, ${name}`);
}

/** What sticks out of the box that it is drawn in, and what can be scrolled that a finger couldn't scroll back. */
const inItsBox = (page) =>
  page.evaluate(() => {
    const found = [];
    const painted = (style) =>
      style.backgroundColor !== "rgba(0, 0, 0, 0)" ||
      style.backgroundImage !== "none" ||
      parseFloat(style.borderTopWidth) + parseFloat(style.borderLeftWidth) > 0;
    for (const e of document.querySelectorAll("button,a[href],input,select,summary,kbd")) {
      if (
        !e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) ||
        e.closest(".skips") ||
        e.matches("label input")
      )
        continue;
      const r = e.getBoundingClientRect();
      if (r.width < 2) continue;
      for (let box = e.parentElement; box && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box);
        const b = box.getBoundingClientRect();
        const scrolls = /auto|scroll/.test(style.overflowY);
        const out = Math.max(b.left - r.left, r.right - b.right, scrolls ? 0 : Math.max(b.top - r.top, r.bottom - b.bottom));
        // A box that is itself taken out of the flow of what lies around it ends the search.
        if (painted(style) && out > 1)
          found.push(
            `${(e.getAttribute("aria-label") ?? e.textContent).trim() || e.tagName} sticks ${out.toFixed(1)} out of .${box.className || box.tagName}`,
          );
        if (/fixed|absolute/.test(style.position) || scrolls) break;
      }
    }
    const app = document.querySelector(".app");
    const root = document.scrollingElement;
    if (app && root.scrollHeight > innerHeight) found.push(`the page is ${root.scrollHeight} tall on a screen of ${innerHeight}`);
    if (app) {
      app.scrollTop = 999;
      if (app.scrollTop) found.push(`the table can be scrolled away by ${app.scrollTop}`);
      app.scrollTop = 0;
    }
    return found;
  });

/** No sideways scroll, and every button and field lies on the screen, large enough to be hit. */
export async function fits({ page }, screen) {
  const faults = await page.evaluate(() => {
    const found = [];
    const { scrollWidth } = document.scrollingElement;
    if (scrollWidth > innerWidth) found.push(`is ${scrollWidth} px wide on a screen of ${innerWidth}`);
    for (const e of document.querySelectorAll("button,a[href],input,select,summary")) {
      if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || e.closest(".skips")) continue;
      const r = (e.matches("label input") ? e.closest("label") : e).getBoundingClientRect();
      const name = (e.getAttribute("aria-label") ?? e.textContent).trim() || e.name || e.tagName;
      if (r.width > 1 && (r.left < -0.5 || r.right > innerWidth + 0.5))
        found.push(`${name} reaches from ${r.left} to ${r.right}`);
      const inText = e.matches("p a, .textbtn");
      if (!inText && (r.width < 24 || r.height < 24)) found.push(`${name} is only ${r.width} × ${r.height}`);
    }
    return found;
  });
  assert.deepEqual([...faults, ...(await inItsBox(page))], [], screen);
}

/** What lies on the table: nothing on anything else's place, nothing cut off, and everything to press is large enough. */
export async function laidOut({ page }, { width, height }) {
  await page.setViewportSize({ width, height });
  const faults = await page.evaluate(async (wide) => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const places = () =>
      JSON.stringify([
        innerWidth,
        ...[...document.querySelectorAll(".stage,.seat,.bet,.pot,.board,.act")].map((e) => e.getBoundingClientRect()),
      ]);
    for (let before = "", now = places(), tries = 0; (before !== now || innerWidth !== wide) && tries < 60; tries++) {
      await frame();
      [before, now] = [now, places()];
    }
    const found = [];
    const stage = document.querySelector(".stage").getBoundingClientRect();
    const things = [];
    const add = (name, owner, elements) => {
      for (const e of elements) {
        if (!e.checkVisibility({ visibilityProperty: true })) continue;
        const { left, top, right, bottom } = e.getBoundingClientRect();
        things.push({ name, owner, left, top, right, bottom });
      }
    };
    for (const seat of document.querySelectorAll("li.seat")) {
      const owner = `seat ${Number(seat.dataset.seat) + 1}`;
      for (const [name, selector] of [
        ["pod", ".pod,.empty button"],
        ["card", ".hole>*"],
        ["tag", ".tag"],
        ["time", ".secs"],
        ["hand label", ".strength"],
        ["dealer", ".dbtn"],
      ])
        add(`${name} of ${owner}`, owner, seat.querySelectorAll(selector));
    }
    for (const [name, selector] of [
      ["board", ".board>*"],
      ["pot", ".pot"],
      ["dealer", ".ring>.dbtn"],
      ["log button", ".logbtn"],
      ["invitation", ".felt"],
      ["result", ".result"],
    ])
      add(name, name, document.querySelectorAll(selector));
    for (const bet of document.querySelectorAll(".bet"))
      add(`bet of seat ${Number(bet.dataset.bet) + 1}`, `bet ${bet.dataset.bet}`, [bet]);

    const SLACK = 2; // corners are round, and cards lie a little askew
    things.forEach((a, i) => {
      const out = [
        ["left", stage.left - a.left],
        ["top", stage.top - a.top],
        ["right", a.right - stage.right],
        ["bottom", a.bottom - stage.bottom],
      ].filter(([, by]) => by > 1);
      for (const [where, by] of out) found.push(`${a.name} is cut off by ${by.toFixed(1)} at the ${where}`);
      for (const b of things.slice(i + 1)) {
        const deep = Math.min(a.right - b.left, b.right - a.left, a.bottom - b.top, b.bottom - a.top);
        if (a.owner !== b.owner && deep > SLACK) found.push(`${a.name} lies ${deep.toFixed(1)} on ${b.name}`);
      }
    });
    for (const e of document.querySelectorAll(".st,.b,.presets button"))
      if (e.scrollWidth > e.clientWidth + 1) found.push(`"${e.textContent}" is wider than its place`);
    const touch = matchMedia("(max-width:760px),(orientation:portrait) and (max-width:900px),(max-height:500px)").matches;
    for (const e of document.querySelectorAll(".act button,.act input,.seats button")) {
      const { width, height } = e.getBoundingClientRect();
      const least = touch ? 44 : 24;
      if (e.checkVisibility({ visibilityProperty: true }) && (width < least || height < least))
        found.push(`${e.getAttribute("aria-label") ?? e.textContent} is only ${width.toFixed(1)} × ${height.toFixed(1)}`);
    }
    if (document.scrollingElement.scrollWidth > innerWidth)
      found.push(`the page is ${document.scrollingElement.scrollWidth} wide`);
    // At a showdown the cards are what everybody looks at: rank and suit of each, whatever lies around it.
    for (const card of document.querySelectorAll(".hole [data-card],.board [data-card]")) {
      const seat = Number(card.closest("li.seat")?.dataset.seat) + 1;
      for (const part of card.querySelectorAll("b,.s1")) {
        const { left, top, width, height } = part.getBoundingClientRect();
        const seen = document.elementFromPoint(left + width / 2, top + height / 2);
        if (seen !== card && !card.contains(seen))
          found.push(
            `${part.matches("b") ? "the rank" : "the suit"} of ${card.dataset.card}${seat ? ` of seat ${seat}` : ""} is covered by .${seen?.className || seen?.tagName}`,
          );
      }
    }
    for (const e of document.querySelectorAll(".tag,.result p,.strength")) {
      if (e.checkVisibility({ visibilityProperty: true }) && e.scrollWidth > e.clientWidth + 1)
        found.push(`"${e.textContent}" is cut off`);
    }
    return [...new Set(found)];
  }, width);
  return [...faults, ...(await inItsBox(page))];
}
