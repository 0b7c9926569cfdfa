// Where we are: one signal, the browser's own history, no library.
import { computed, signal } from "@preact/signals";

export type Route =
  | { page: "lobby" }
  | { page: "settings" }
  | { page: "room"; code: string; text: boolean }
  | { page: "history"; code: string }
  | { page: "replay"; code: string; hand: number; step: number | null }
  | { page: "unknown" };

const here = (): string => location.pathname + location.search;
export const address = signal(typeof location === "undefined" ? "/" : here());

export function parse(path: string): Route {
  const url = new URL(path, "http://x");
  const parts = url.pathname.split("/").filter(Boolean);
  if (parts.length === 0) return { page: "lobby" };
  if (parts[0] === "settings" && parts.length === 1) return { page: "settings" };
  const code = parts[0] === "r" && parts[1] ? tidyCode(parts[1]) : "";
  if (!code) return { page: "unknown" };
  if (parts.length === 2) return { page: "room", code, text: url.searchParams.get("view") === "text" };
  if (parts[2] === "history" && parts.length === 3) return { page: "history", code };
  const hand = Number(parts[3]);
  const step = url.searchParams.get("s");
  if (parts[2] === "h" && Number.isInteger(hand) && hand > 0)
    return { page: "replay", code, hand, step: step === null ? null : Number(step) };
  return { page: "unknown" };
}
export const route = computed(() => parse(address.value));

/** A code as people type or paste it: lower case, with dashes, or a whole link. */
export function tidyCode(text: string): string {
  const link = /\/r\/([^/?#\s]+)/.exec(text);
  let code = link?.[1] ?? text;
  try {
    code = decodeURIComponent(code);
  } catch {
    // keep it as it is
  }
  return code.toUpperCase().replace(/[^A-Z0-9]/g, "");
}
export function go(path: string, how: "push" | "replace" = "push"): void {
  if (path === here()) return;
  if (how === "push") history.pushState({ from: here() }, "", path);
  else history.replaceState(history.state, "", path);
  address.value = here();
  if (how === "push") scrollTo(0, 0);
}
/** Where the page before this one was, if it was one of ours. */
export const cameFrom = (): string | null => (history.state as { from?: string } | null)?.from ?? null;
if (typeof addEventListener !== "undefined") addEventListener("popstate", () => (address.value = here()));
