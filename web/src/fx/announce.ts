// Two live regions for the whole page. The polite one joins what comes close together; the urgent one speaks at once.
import { signal } from "@preact/signals";
import { prefs } from "../store/settings";

export const polite = signal("");
export const urgent = signal("");
const GATHER_MS = 700;
let waiting: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** The same words twice are only read twice if the text differs: a no-break space at the end does it. */
const again = (now: string, text: string): string => (now === text ? `${text}\u00a0` : text);

export function announce(text: string): void {
  if (!text || prefs.peek().speech === "off") return;
  waiting.push(text);
  if (timer !== undefined) return;
  timer = setTimeout(() => {
    timer = undefined;
    polite.value = again(polite.peek(), waiting.slice(-6).join(", "));
    waiting = [];
  }, GATHER_MS);
}
export function alertNow(text: string): void {
  if (text) urgent.value = again(urgent.peek(), text);
}
