// Bet sizes: presets, steps, limits. Always "raise to": my total on this street.
import { GAMES } from "../i18n/games";
import { mySeat, type Legal, type View } from "../store/view";

export interface Preset {
  name: string;
  label: string;
  to: number;
}
export const clamp = (to: number, l: Legal): number => Math.max(l.minTo, Math.min(l.maxTo, Math.round(to)));

/** Whether the largest bet is what the pot allows, and not everything. */
export const isPotMost = (v: View, l: Legal): boolean => {
  const seat = mySeat(v);
  return v.hand !== null && GAMES[v.hand.variant].potLimit && seat !== null && l.maxTo < seat.bet + seat.chips;
};
/** The pot's limit is the server's word: it counts short blinds as whole ones. */
function potLimitPresets(v: View, l: Legal, mine: number, make: (name: string, label: string, to: number) => Preset): Preset[] {
  const share = (part: number) => potTo(v.hand?.pot ?? 0, l.call, mine, part);
  const most = isPotMost(v, l) ? make("Pot", "Pot", l.maxTo) : make("All-in", "All-in", l.maxTo);
  return [
    make("Min", "Minimum", l.minTo),
    make("½", "Half the pot", share(1 / 2)),
    make("⅔", "Two thirds of the pot", share(2 / 3)),
    most,
  ];
}

export function presets(v: View, l: Legal): Preset[] {
  const h = v.hand;
  const mine = mySeat(v)?.bet ?? 0;
  if (!h) return [];
  const make = (name: string, label: string, to: number): Preset => ({ name, label, to: clamp(to, l) });
  if (GAMES[h.variant].potLimit) return potLimitPresets(v, l, mine, make);
  const min = make("Min", "Minimum", l.minTo);
  const max = make("All-in", "All-in", l.maxTo);
  if (h.phase === "preflop") {
    const bb = (n: number) =>
      make(`${n} BB`, `${n} big blinds`, Math.max(n * h.bigBlind, h.currentBet > h.bigBlind ? h.currentBet * (n - 1) : 0));
    if (h.currentBet > h.bigBlind)
      return [
        min,
        make("2.5×", "2.5 times the bet", h.currentBet * 2.5),
        make("3×", "3 times the bet", h.currentBet * 3),
        make("Pot", "Pot", potTo(h.pot, l.call, mine, 1)),
        max,
      ];
    return [min, bb(2.5), bb(3), bb(4), max];
  }
  return [
    min,
    make("½", "Half the pot", potTo(h.pot, l.call, mine, 1 / 2)),
    make("⅔", "Two thirds of the pot", potTo(h.pot, l.call, mine, 2 / 3)),
    make("Pot", "Pot", potTo(h.pot, l.call, mine, 1)),
    max,
  ];
}
/** Calling first, then betting a share of what is then in the middle. */
export const potTo = (pot: number, call: number, mine: number, share: number): number => mine + call + (pot + call) * share;

/** The slider is fine near the minimum and coarse above: position 0..1000 to chips and back. */
export function fromSlider(position: number, l: Legal, step: number): number {
  const p = position / 1000;
  const raw = l.minTo + (l.maxTo - l.minTo) * p ** 2.2;
  const to = position >= 1000 ? l.maxTo : l.minTo + Math.round((raw - l.minTo) / step) * step;
  return clamp(to, l);
}
export function toSlider(to: number, l: Legal): number {
  if (l.maxTo <= l.minTo) return 1000;
  return Math.round(1000 * ((to - l.minTo) / (l.maxTo - l.minTo)) ** (1 / 2.2));
}
export const verb = (l: Legal): "BET" | "RAISE" | null =>
  l.actions.includes("RAISE") ? "RAISE" : l.actions.includes("BET") ? "BET" : null;
