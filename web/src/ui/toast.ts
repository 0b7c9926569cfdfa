import { signal } from "@preact/signals";
import { alertNow } from "../fx/announce";

export interface Toast {
  id: number;
  text: string;
  kind: "info" | "error";
}
export const toasts = signal<Toast[]>([]);
let next = 1;

/** Says something that isn't tied to a place on the page. At most two are shown; each goes by itself. */
export function toast(text: string, kind: Toast["kind"] = "info"): void {
  if (toasts.peek().some((t) => t.text === text)) return;
  const id = next++;
  toasts.value = [...toasts.peek().slice(-1), { id, text, kind }];
  if (kind === "error") alertNow(text);
  setTimeout(() => dismiss(id), kind === "error" ? 9000 : 6000);
}
export const dismiss = (id: number): void => {
  toasts.value = toasts.peek().filter((t) => t.id !== id);
};
