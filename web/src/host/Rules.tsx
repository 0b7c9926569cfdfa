// The rules of the table. Only what was changed is sent; it counts from the next hand.
import { useState } from "preact/hooks";
import type { Settings } from "../api/common";
import { complaint } from "../lobby/defaults";
import { command } from "../store/act";
import { refresh } from "../store/room";
import type { View } from "../store/view";
import { NumberField, Switch } from "../ui/forms";
import { Do } from "../ui/parts";

export function Rules({ v }: { v: View }) {
  const [s, set] = useState<Settings>({ ...v.settings });
  const put = <K extends keyof Settings>(key: K, value: Settings[K]) => set((now) => ({ ...now, [key]: value }));
  const changed = Object.fromEntries(Object.entries(s).filter(([k, value]) => value !== v.settings[k as keyof Settings]));
  const any = Object.keys(changed).length > 0;
  const wrong = any ? complaint(s) : null;
  return (
    <section aria-labelledby="hp-rules">
      <h3 id="hp-rules">Rules</h3>
      <div class="grid2 tight">
        <NumberField label="Small blind" min={1} max={1e9} value={s.smallBlind} set={(n) => put("smallBlind", n)} />
        <NumberField label="Big blind" min={1} max={1e9} value={s.bigBlind} set={(n) => put("bigBlind", n)} />
        <NumberField label="Ante" min={0} max={1e9} value={s.ante} set={(n) => put("ante", n)} />
        <NumberField label="Seats" min={2} max={10} value={s.seats} set={(n) => put("seats", n)} />
        <NumberField label="Smallest buy-in" min={1} max={1e12} value={s.minBuyIn} set={(n) => put("minBuyIn", n)} />
        <NumberField label="Largest buy-in" min={1} max={1e12} value={s.maxBuyIn} set={(n) => put("maxBuyIn", n)} />
        <NumberField label="Time to decide" unit="s" min={0} max={600} value={s.actionTimeoutSecs} set={(n) => put("actionTimeoutSecs", n)} />
        <NumberField label="Time bank" unit="s" min={0} max={3600} value={s.timebankSecs} set={(n) => put("timebankSecs", n)} />
        <NumberField label="Between hands" unit="s" fraction min={0} max={30} value={s.betweenHandsSecs} set={(n) => put("betweenHandsSecs", n)} />
        <NumberField label="Members at most" min={2} max={1000} value={s.maxMembers} set={(n) => put("maxMembers", n)} />
      </div>
      <Switch label="Let everybody in" hint="Without asking you first" on={s.autoApprove} set={(on) => put("autoApprove", on)} />
      <Switch label="Spectators may watch" on={s.spectatorsAllowed} set={(on) => put("spectatorsAllowed", on)} />
      {wrong && <p class="problem" role="alert">{wrong}</p>}
      <div class="rowd">
        <Do class="btn primary" disabled={!any || wrong !== null} run={() => command("/settings", changed, "PATCH")} after={() => void refresh()}>Apply from the next hand</Do>
        {any && <button type="button" class="btn" onClick={() => set({ ...v.settings })}>Undo</button>}
      </div>
    </section>
  );
}
