// The fields of a table's rules, the same for a new table and for one that runs.
import type { Settings } from "../api/common";
import { NumberField, Switch } from "../ui/forms";
import { LIMITS, type NumberSetting } from "./defaults";

const FIELDS: readonly { key: NumberSetting; label: string; unit?: string; fraction?: boolean }[] = [
  { key: "seats", label: "Seats" },
  { key: "ante", label: "Ante" },
  { key: "smallBlind", label: "Small blind" },
  { key: "bigBlind", label: "Big blind" },
  { key: "minBuyIn", label: "Smallest buy-in" },
  { key: "maxBuyIn", label: "Largest buy-in" },
  { key: "actionTimeoutSecs", label: "Time to decide", unit: "s, 0: no clock" },
  { key: "timebankSecs", label: "Time bank", unit: "s" },
  { key: "betweenHandsSecs", label: "Between hands", unit: "s", fraction: true },
  { key: "maxMembers", label: "Members at most" },
];

export type Put = <K extends keyof Settings>(key: K, value: Settings[K]) => void;

export const NumberFields = ({ s, put }: { s: Settings; put: Put }) => (
  <>
    {FIELDS.map(({ key, label, unit, fraction }) => (
      <NumberField key={key} label={label} {...(unit ? { unit } : {})} fraction={fraction ?? false} min={LIMITS[key][0]} max={LIMITS[key][1]} value={s[key]} set={(n) => put(key, n)} />
    ))}
  </>
);
export const Switches = ({ s, put }: { s: Settings; put: Put }) => (
  <>
    <Switch label="Let everybody in" hint="Without asking you first" on={s.autoApprove} set={(on) => put("autoApprove", on)} />
    <Switch label="Spectators may watch" on={s.spectatorsAllowed} set={(on) => put("spectatorsAllowed", on)} />
  </>
);
