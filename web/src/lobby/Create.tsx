import { useState } from "preact/hooks";
import type { Settings } from "../api/common";
import type { RoomCreated } from "../api/rooms";
import { post } from "../net/http";
import { keepRoom, session } from "../net/session";
import { go } from "../store/router";
import { ensureSession, lastName, NameField, useSubmit } from "../ui/forms";
import { complaint, DEFAULTS, MAX_PASSWORD, PRESETS } from "./defaults";
import { GameFields, SettingGroups } from "./GameFields";

export function Create() {
  const [name, setName] = useState("");
  const [who, setWho] = useState(lastName());
  const [password, setPassword] = useState("");
  const [s, set] = useState<Settings>({ ...DEFAULTS, ...PRESETS[1]!.settings });
  const [more, setMore] = useState(false);
  const put = <K extends keyof Settings>(key: K, value: Settings[K]) => set((now) => ({ ...now, [key]: value }));
  const wrong = complaint(s);
  const { busy, problem, submit } = useSubmit(async () => {
    await ensureSession(who.trim());
    const made = await post<RoomCreated>("/api/rooms", {
      displayName: who.trim(),
      ...(name.trim() ? { name: name.trim() } : {}),
      ...(password ? { password } : {}),
      settings: s,
    });
    keepRoom(made.room.code, { roomId: made.room.id, rejoinToken: made.rejoinToken, userId: session.peek()?.userId ?? "" });
    go(`/r/${made.room.code}`);
  });
  const chosen = PRESETS.find((p) => Object.entries(p.settings).every(([k, v]) => s[k as keyof Settings] === v));
  return (
    <section class="panel">
      <h2>Open a table</h2>
      <form class="stackd" onSubmit={submit}>
        <NameField value={who} set={setWho} />
        <label class="field">
          <span class="lab">
            Name of the table <small>(if you like)</small>
          </span>
          <input
            type="text"
            autocomplete="off"
            maxLength={50}
            placeholder="Friday night"
            value={name}
            onInput={(e) => setName(e.currentTarget.value)}
          />
        </label>
        <div class="seg" role="group" aria-label="Pace">
          {PRESETS.map((p) => (
            <button
              type="button"
              key={p.name}
              aria-pressed={chosen === p}
              onClick={() => set((now) => ({ ...now, ...p.settings }))}
            >
              {p.name}
              <small>
                {p.settings.smallBlind} / {p.settings.bigBlind}, {p.about}
              </small>
            </button>
          ))}
        </div>
        <GameFields s={s} put={put} />
        <details onToggle={(e) => setMore(e.currentTarget.open)}>
          <summary>More: seats, blinds, buy-in, clock, password</summary>
          {more && <SettingGroups s={s} put={put} open={["chips", "clock"]} />}
          <label class="field">
            <span class="lab">Password</span>
            <input
              type="text"
              autocomplete="off"
              maxLength={MAX_PASSWORD}
              value={password}
              onInput={(e) => setPassword(e.currentTarget.value)}
            />
          </label>
        </details>
        {(wrong ?? problem) && (
          <p class="problem" role="alert">
            {wrong ?? problem}
          </p>
        )}
        <button type="submit" class="btn primary big" disabled={busy || wrong !== null || !who.trim()} aria-busy={busy}>
          {busy ? "Opening…" : "Open the table"}
        </button>
      </form>
    </section>
  );
}
