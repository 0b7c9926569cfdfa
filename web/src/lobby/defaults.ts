// What a new room starts with, and the three ways to start quickly. The server checks every number again.
import type { Settings } from "../api/common";
import { SETTING_DEFAULTS, SETTING_LIMITS } from "../api/wire";

export const DEFAULTS = SETTING_DEFAULTS;
export const PRESETS: readonly { name: string; about: string; settings: Partial<Settings> }[] = [
  {
    name: "Casual",
    about: "60 s to decide",
    settings: {
      smallBlind: 1,
      bigBlind: 2,
      minBuyIn: 40,
      maxBuyIn: 400,
      actionTimeoutSecs: 60,
      timebankSecs: 120,
      betweenHandsSecs: 6,
    },
  },
  {
    name: "Standard",
    about: "30 s to decide",
    settings: {
      smallBlind: 5,
      bigBlind: 10,
      minBuyIn: 200,
      maxBuyIn: 2000,
      actionTimeoutSecs: 30,
      timebankSecs: 60,
      betweenHandsSecs: 4,
    },
  },
  {
    name: "Turbo",
    about: "12 s to decide",
    settings: {
      smallBlind: 25,
      bigBlind: 50,
      minBuyIn: 1000,
      maxBuyIn: 5000,
      actionTimeoutSecs: 12,
      timebankSecs: 20,
      betweenHandsSecs: 2,
    },
  },
];
/** Changes one setting of a form. */
export type Put = <K extends keyof Settings>(key: K, value: Settings[K]) => void;
export const LIMITS = SETTING_LIMITS;
export type NumberSetting = keyof typeof LIMITS;
/** Of a room, and of an account, in characters. */
export const MAX_PASSWORD = 200;
/** What is wrong with these settings, before anything is sent. */
export function complaint(s: Settings): string | null {
  if (s.bigBlind < s.smallBlind) return "The big blind can't be smaller than the small blind.";
  if (s.maxBuyIn < s.minBuyIn) return "The largest buy-in can't be smaller than the smallest.";
  if (s.ante > s.bigBlind) return "The ante can't be larger than the big blind.";
  return null;
}
