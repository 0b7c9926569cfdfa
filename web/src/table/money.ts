import { amount, fmt, short } from "../i18n/format";
import { prefs } from "../store/settings";
import type { View } from "../store/view";

export interface Money {
  (n: number): string;
  short(n: number): string;
  unit: "chips" | "bb";
}
/** Amounts as this player reads them. */
export function money(v: View): Money {
  const unit = prefs.value.amounts;
  const bb = v.hand?.bigBlind ?? v.settings.bigBlind;
  const full = (n: number) => (unit === "bb" ? amount(n, unit, bb) : fmt(n));
  return Object.assign(full, { short: (n: number) => (unit === "bb" ? amount(n, unit, bb) : short(n)), unit });
}
