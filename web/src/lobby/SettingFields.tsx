// The fields of a table's rules, the same for a new table and for one that runs. The compiler wants a row for each setting.
import type { Settings } from "../api/common";
import type { Variant } from "../api/wire";
import { GAMES, VARIANTS } from "../i18n/games";
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
  rotationHands: { label: "Hands of each game", unit: "0: an orbit" },
};
const SWITCHES: Readonly<Record<SwitchSetting, { label: string; hint?: string }>> = {
  autoApprove: { label: "Auto-approve", hint: "Everyone gets in without asking you first" },
  spectatorsAllowed: { label: "Allow spectators" },
};

export type Put = <K extends keyof Settings>(key: K, value: Settings[K]) => void;

/** The rows of a table, with the keys' types kept. */
const rows = <K extends string, T>(table: Readonly<Record<K, T>>) => Object.entries(table) as [K, T][];

/** One game, or several in turn: a second one makes a rotation, in the order in which they were chosen. */
export function GameFields({ s, put }: { s: Settings; put: Put }) {
  const chosen: readonly Variant[] = s.rotation.length ? s.rotation : [s.variant];
  const toggle = (variant: Variant) => {
    const now = chosen.includes(variant) ? chosen.filter((other) => other !== variant) : [...chosen, variant];
    if (!now.length) return;
    put("variant", now[0]!);
    put("rotation", now.length > 1 ? now : []);
  };
  return (
    <fieldset class="choice games">
      <legend>
        Game{" "}
        <small>
          {chosen.length > 1
            ? `in turn: ${chosen.map((variant) => GAMES[variant].short).join(", ")}`
            : "choose more to play them in turn"}
        </small>
      </legend>
      <div>
        {VARIANTS.map((variant) => (
          <label key={variant}>
            <input
              type="checkbox"
              name="game"
              value={variant}
              checked={chosen.includes(variant)}
              onChange={() => toggle(variant)}
            />
            <span>{GAMES[variant].name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export const NumberFields = ({ s, put }: { s: Settings; put: Put }) => (
  <>
    {rows(NUMBERS).map(([key, { label, unit, fraction }]) => (
      <NumberField
        key={key}
        label={label}
        {...(unit ? { unit } : {})}
        fraction={fraction ?? false}
        min={LIMITS[key][0]}
        max={LIMITS[key][1]}
        value={s[key]}
        set={(n) => put(key, n)}
      />
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
