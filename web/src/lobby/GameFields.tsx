import type { Settings } from "../api/common";
import type { Variant } from "../api/wire";
import { GAMES, VARIANTS } from "../i18n/games";
import { lazy } from "../ui/lazy";
import type { Put } from "./defaults";

/** The other fields; they load where they are asked for. */
export const SettingGroups = lazy(
  () => import("./SettingFields"),
  (m) => m.SettingGroups,
);

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
