// What this device likes. Nothing here goes to the server.
import { effect, signal } from "@preact/signals";
import { load, save } from "../net/storage";

export interface Preferences {
  deck: "four" | "two" | "high";
  /** Large ones fill the card: easier to read, on a phone or from afar. */
  figures: "normal" | "large";
  felt: "emerald" | "midnight" | "claret" | "graphite";
  /** Of the pages around the table; the table is always dark. */
  theme: "system" | "dark" | "light";
  amounts: "chips" | "bb";
  handLabel: boolean;
  confirmCall: boolean;
  keys: "on" | "alt" | "off";
  volume: number;
  vibrate: boolean;
  motion: "system" | "full" | "none";
  speech: "off" | "short" | "full";
}
const DEFAULTS: Preferences = {
  deck: "four",
  figures: "normal",
  felt: "emerald",
  theme: "dark",
  amounts: "chips",
  handLabel: true,
  confirmCall: false,
  keys: "on",
  volume: 0.6,
  vibrate: true,
  motion: "system",
  speech: "full",
};
export const prefs = signal<Preferences>({ ...DEFAULTS, ...load<Partial<Preferences>>("prefs") });
export function setPref<K extends keyof Preferences>(key: K, value: Preferences[K]): void {
  prefs.value = { ...prefs.value, [key]: value };
  save("prefs", prefs.value);
}
let beforeMute = 0.6;
export function toggleMute(): void {
  const v = prefs.peek().volume;
  if (v > 0) beforeMute = v;
  setPref("volume", v > 0 ? 0 : beforeMute);
}
const still = typeof matchMedia === "undefined" ? null : matchMedia("(prefers-reduced-motion: reduce)");
export const calm = (): boolean =>
  prefs.peek().motion === "none" || (prefs.peek().motion === "system" && (still?.matches ?? false));

const daylight = typeof matchMedia === "undefined" ? null : matchMedia("(prefers-color-scheme: light)");

export function dressDocument(): void {
  const bright = signal(daylight?.matches ?? false);
  daylight?.addEventListener("change", () => (bright.value = daylight.matches));
  effect(() => {
    const p = prefs.value;
    const d = document.documentElement.dataset;
    d.deck = p.deck;
    d.figures = p.figures;
    d.felt = p.felt;
    d.motion = p.motion;
    d.theme = p.theme === "system" ? (bright.value ? "light" : "dark") : p.theme;
  });
}
