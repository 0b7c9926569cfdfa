// The fields of a table's rules, the same for a new table and for one that runs. The compiler wants a row for each setting.
import type { Settings } from "../api/common";
import { NumberField, Switch } from "../ui/forms";
import { LIMITS, type NumberSetting } from "./defaults";

type SwitchSetting = { [K in keyof Settings]: Settings[K] extends boolean ? K : never }[keyof Settings];

/** In the order of the form. */
const NUMBERS: Readonly<Record<NumberSetting, { label: string; unit?: string; fraction?: true }>> = {
  seats: { label: "Seats" },
  ante: { label: "Ante" },
  smallBlind: { label: "Small blind" },
  bigBlind: { label: "Big blind" },
  minBuyIn: { label: "Min. buy-in" },
  maxBuyIn: { label: "Max. buy-in" },
  actionTimeoutSecs: { label: "Time to act", unit: "s, 0: no clock" },
  timebankSecs: { label: "Time bank", unit: "s" },
  betweenHandsSecs: { label: "Pause between hands", unit: "s", fraction: true },
  maxMembers: { label: "Max. members" },
};
const SWITCHES: Readonly<Record<SwitchSetting, { label: string; hint?: string }>> = {
  autoApprove: { label: "Auto-approve", hint: "Everyone gets in without asking you first" },
  spectatorsAllowed: { label: "Allow spectators" },
};

export type Put = <K extends keyof Settings>(key: K, value: Settings[K]) => void;

/** The rows of a table, with the keys' types kept. */
const rows = <K extends string, T>(table: Readonly<Record<K, T>>) => Object.entries(table) as [K, T][];

export const NumberFields = ({ s, put }: { s: Settings; put: Put }) => (
  <>
    {rows(NUMBERS).map(([key, { label, unit, fraction }]) => (
      <NumberField key={key} label={label} {...(unit ? { unit } : {})} fraction={fraction ?? false} min={LIMITS[key][0]} max={LIMITS[key][1]} value={s[key]} set={(n) => put(key, n)} />
    ))}
  </>
);
export const Switches = ({ s, put }: { s: Settings; put: Put }) => (
  <>
    {rows(SWITCHES).map(([key, { label, hint }]) => (
      <Switch key={key} label={label} {...(hint ? { hint } : {})} on={s[key]} set={(on) => put(key, on)} />
    ))}
  </>
);
