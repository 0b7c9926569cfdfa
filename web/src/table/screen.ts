import { signal } from "@preact/signals";

const tallQuery = matchMedia("(max-width:760px) and (orientation:portrait),(orientation:portrait) and (max-width:900px)");
/** A screen that is taller than wide, as the style sheets see it. */
export const tall = signal(tallQuery.matches);
tallQuery.addEventListener("change", (e) => (tall.value = e.matches));

const lowQuery = matchMedia("(orientation:landscape) and (max-height:500px)");
/** A phone that lies on its side. */
export const low = signal(lowQuery.matches);
lowQuery.addEventListener("change", (e) => {
  low.value = e.matches;
});
