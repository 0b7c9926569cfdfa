// The rules of the table. Only what was changed is sent; it counts from the next hand.
import { useState } from "preact/hooks";
import type { Settings } from "../api/common";
import { complaint } from "../lobby/defaults";
import { GameFields, SettingGroups } from "../lobby/GameFields";
import { command } from "../store/act";
import { refresh } from "../store/room";
import type { View } from "../store/view";
import { Do } from "../ui/parts";

export function Rules({ v }: { v: View }) {
  const [s, set] = useState<Settings>({ ...v.settings });
  const put = <K extends keyof Settings>(key: K, value: Settings[K]) => set((now) => ({ ...now, [key]: value }));
  const changed = Object.fromEntries(
    Object.entries(s).filter(([k, value]) => String(value) !== String(v.settings[k as keyof Settings])),
  );
  const any = Object.keys(changed).length > 0;
  const wrong = any ? complaint(s) : null;
  return (
    <section aria-labelledby="hp-rules">
      <h3 id="hp-rules">Rules</h3>
      <GameFields s={s} put={put} />
      <SettingGroups s={s} put={put} open={["chips"]} />
      {wrong && (
        <p class="problem" role="alert">
          {wrong}
        </p>
      )}
      <div class="rowd">
        <Do
          class="btn primary"
          disabled={!any || wrong !== null}
          run={() => command("/settings", changed, "PATCH")}
          after={() => void refresh()}
        >
          Apply from the next hand
        </Do>
        {any && (
          <button type="button" class="btn" onClick={() => set({ ...v.settings })}>
            Undo
          </button>
        )}
      </div>
    </section>
  );
}
