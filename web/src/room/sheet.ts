// Which sheet lies over the table. The sheets themselves load when the first one is opened.
import { signal } from "@preact/signals";
import type { View } from "../store/view";

export type Sheet = { kind: "sit"; seat: number } | { kind: "seat" | "top_up" | "menu" | "keys" | "invite" | "settings" };
export const sheet = signal<Sheet | null>(null);
export const closeSheet = (): void => {
  sheet.value = null;
};
export const inviteUrl = (v: View): string => `${location.origin}/r/${v.code}`;
