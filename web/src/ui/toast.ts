import { signal } from "@preact/signals";
import { alertNow } from "../fx/announce";

export interface Toast {
  id: number;
  text: string;
  /** `passing`: news of others, also in the log. `mine`: about the reader. */
  kind: "info" | "passing" | "mine" | "error";
}
const STAYS_MS = { info: 6000, passing: 6000, mine: 15_000, error: 9000 } as const;
export const toasts = signal<Toast[]>([]);
let next = 1;

/** Says something that isn't tied to a place on the page. At most two are shown; each goes by itself. */
export function toast(text: string, kind: Toast["kind"] = "info"): void {
  if (toasts.peek().some((t) => t.text === text)) return;
  const id = next++;
  toasts.value = [...toasts.peek().slice(-1), { id, text, kind }];
  if (kind === "error" || kind === "mine") alertNow(text);
  setTimeout(() => dismiss(id), STAYS_MS[kind]);
}
export const dismiss = (id: number): void => {
  toasts.value = toasts.peek().filter((t) => t.id !== id);
};
