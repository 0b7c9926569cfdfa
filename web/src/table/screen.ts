import { signal } from "@preact/signals";

const tallQuery = matchMedia("(max-width:760px) and (orientation:portrait),(orientation:portrait) and (max-width:900px)");
/** A screen that is taller than wide, as the style sheets see it. */
export const tall = signal(tallQuery.matches);
tallQuery.addEventListener("change", (e) => (tall.value = e.matches));
