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
  // Only what the host has touched: what somebody else changes meanwhile shows, and unfolded groups stay unfolded.
  const [touched, touch] = useState<Partial<Settings>>({});
  const s: Settings = { ...v.settings, ...touched };
  const put = <K extends keyof Settings>(key: K, value: Settings[K]) => touch((now) => ({ ...now, [key]: value }));
  const changed = Object.fromEntries(
    Object.entries(touched).filter(([k, value]) => String(value) !== String(v.settings[k as keyof Settings])),
  );
  const applied = () => void refresh().then(() => touch({}));
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
          after={applied}
        >
          Apply from the next hand
        </Do>
        {any && (
          <button type="button" class="btn" onClick={() => touch({})}>
            Undo
          </button>
        )}
      </div>
    </section>
  );
}
