// The fields of a table's rules, the same for a new table and for one that runs. The compiler wants a field for each setting.
import "../kernel";
import type { Settings } from "../api/common";
import { GAMES, VARIANTS } from "../i18n/games";
import { NumberField, Switch } from "../ui/forms";
import { LIMITS, type NumberSetting, type Put } from "./defaults";

const GROUPS = {
  chips: "Seats, blinds, buy-in",
  clock: "Clock",
  room: "Who gets in",
  late: "Missed blinds, new players",
  straddle: "Straddles",
  runs: "Run it twice",
  bombs: "Two boards, bomb pots",
  after: "After the hand",
} as const;
type Group = keyof typeof GROUPS;

/** `when`: a field that changes nothing as the others are set isn't shown. */
type Common = { group: Group; label: string; when?: (s: Settings) => boolean };
type Numeric = Common & { unit?: string; fraction?: true };
type OnOff = Common & { hint?: string };
type OneOf<T extends string> = Common & { options: Readonly<Record<T, string>> };
/** A choice of which one is none: the room's own. */
type Maybe<T> = Common & { none: string; options: readonly (readonly [T, string])[] };

type FieldOf<T> = null extends T
  ? Maybe<NonNullable<T>>
  : T extends boolean
    ? OnOff
    : T extends number
      ? Numeric
      : T extends string
        ? OneOf<T>
        : never;
/** What `GameFields` asks for. */
type OfGame = "variant" | "rotation";
type Field = { [K in Exclude<keyof Settings, OfGame>]: FieldOf<Settings[K]> };

const games = VARIANTS.map((variant) => [variant, GAMES[variant].name] as const);
const bombs = (s: Settings) => s.bombPotMode !== "off";
const blinds = (s: Settings) => [s.variant, ...s.rotation].some((variant) => variant !== "shortdeck");

/** In the order of the form. */
const FIELDS: Field = {
  seats: { group: "chips", label: "Seats" },
  ante: { group: "chips", label: "Ante" },
  smallBlind: { group: "chips", label: "Small blind" },
  bigBlind: { group: "chips", label: "Big blind" },
  buttonBlind: {
    group: "chips",
    label: "Button blind",
    none: "1 ante",
    options: [],
    when: () => false, // one ante; two of them are for those who know the API
  },
  minBuyIn: { group: "chips", label: "Min. buy-in" },
  maxBuyIn: { group: "chips", label: "Max. buy-in" },
  rotationHands: { group: "chips", label: "Hands of each game", unit: "0: an orbit", when: (s) => s.rotation.length > 1 },
  actionTimeoutSecs: { group: "clock", label: "Time to act", unit: "s, 0: no clock" },
  timebankSecs: { group: "clock", label: "Time bank", unit: "s" },
  betweenHandsSecs: { group: "clock", label: "Pause between hands", unit: "s", fraction: true },
  maxMembers: { group: "room", label: "Max. members" },
  autoApprove: { group: "room", label: "Auto-approve", hint: "Everyone gets in without asking you first" },
  spectatorsAllowed: { group: "room", label: "Allow spectators" },
  buttonRule: {
    group: "late",
    label: "Button",
    options: { dead: "Dead button: who misses blinds owes them", simple: "Simple: nobody owes anything" },
    when: blinds,
  },
  newPlayers: {
    group: "late",
    label: "New players",
    options: {
      post_or_wait: "Post a big blind, or wait for it",
      free: "Are dealt in for free",
      wait_for_bb: "Wait for the big blind",
    },
    when: (s) => blinds(s) && s.buttonRule === "dead",
  },
  straddle: {
    group: "straddle",
    label: "Straddle",
    options: { off: "Off", utg: "Left of the big blind", button: "Button" },
    when: blinds,
  },
  maxStraddles: { group: "straddle", label: "Straddles in a row", when: (s) => s.straddle === "utg" },
  runItTwice: {
    group: "runs",
    label: "All-in with cards to come",
    options: { off: "Run once", ask: "Ask the players", always: "Always more than once" },
  },
  maxRuns: { group: "runs", label: "Runs at most", when: (s) => s.runItTwice !== "off" },
  runVoteSecs: { group: "runs", label: "Time to answer", unit: "s", when: (s) => s.runItTwice === "ask" },
  doubleBoard: {
    group: "bombs",
    label: "Two boards",
    options: { off: "Never", bomb_pots: "In bomb pots", always: "In every hand" },
  },
  bombPotMode: {
    group: "bombs",
    label: "Bomb pots",
    options: { off: "Off", every: "Every so many hands", percent: "By chance", manual: "When the host says so" },
  },
  bombPotEvery: { group: "bombs", label: "Hands to a bomb pot", when: (s) => s.bombPotMode === "every" },
  bombPotPercent: { group: "bombs", label: "Chance of a bomb pot", unit: "%", when: (s) => s.bombPotMode === "percent" },
  bombPotAnte: { group: "bombs", label: "Ante of a bomb pot", unit: "big blinds", when: bombs },
  bombPotVariant: { group: "bombs", label: "Game of bomb pots", none: "The game that is on", options: games, when: bombs },
  rabbitHunt: {
    group: "after",
    label: "Rabbit hunt",
    options: { off: "Nobody sees what would have come", asker: "Who asks sees it", room: "When somebody asks, all see it" },
  },
  bounty72: {
    group: "after",
    label: "Bounty for seven-deuce",
    unit: "chips, 0: none",
    when: (s) => [s.variant, ...s.rotation].includes("nlhe"),
  },
};

/** The rows of a table, with the keys' types kept. */
const rows = <K extends string, T>(table: Readonly<Record<K, T>>) => Object.entries(table) as [K, T][];
const shown = (s: Settings, group: Group) => rows(FIELDS).filter(([, f]) => f.group === group && (f.when?.(s) ?? true));

/** All fields but the game's, a group at a time; `open` are unfolded, the others on demand. */
export function SettingGroups({ s, put, open }: { s: Settings; put: Put; open: readonly Group[] }) {
  return (
    <>
      {rows(GROUPS).map(([group, title]) => {
        const fields = shown(s, group);
        return fields.length === 0 ? null : (
          <details key={group} class="group" open={open.includes(group)}>
            <summary>
              {title} <small>{chosen(s, group)}</small>
            </summary>
            <div class="grid2 tight">
              {fields.map(([key]) => (
                <SettingField key={key} name={key} s={s} put={put} />
              ))}
            </div>
          </details>
        );
      })}
    </>
  );
}

/** What the first choice of a group says. */
function chosen(s: Settings, group: Group): string {
  const [key, field] = shown(s, group).find(([, f]) => "options" in f && !("none" in f)) ?? [];
  return key && field ? ((field as OneOf<string>).options[String(s[key])] ?? "") : "";
}

function SettingField({ name, s, put }: { name: keyof Field; s: Settings; put: Put }) {
  const f: Common & { unit?: string; fraction?: true; hint?: string; none?: string } = FIELDS[name];
  const value = s[name];
  if (typeof value === "boolean") {
    return <Switch label={f.label} {...(f.hint ? { hint: f.hint } : {})} on={value} set={(on) => put(name, on as never)} />;
  }
  if ("options" in f) {
    const options = (f.none === undefined ? rows(f.options as Record<string, string>) : f.options) as [string, string][];
    return (
      <label class="field">
        <span class="lab">{f.label}</span>
        <select aria-label={f.label} value={value ?? ""} onChange={(e) => put(name, (e.currentTarget.value || null) as never)}>
          {f.none !== undefined && <option value="">{f.none}</option>}
          {options.map(([option, label]) => (
            <option key={option} value={option}>
              {label}
            </option>
          ))}
        </select>
      </label>
    );
  }
  const [min, max] = LIMITS[name as NumberSetting];
  return (
    <NumberField
      label={f.label}
      {...(f.unit ? { unit: f.unit } : {})}
      fraction={f.fraction ?? false}
      min={min}
      max={max}
      value={value as number}
      set={(n) => put(name, n as never)}
    />
  );
}
