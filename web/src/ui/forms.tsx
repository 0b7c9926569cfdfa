// Forms: what was typed, what the server said about it, and who is asking.
import { useState } from "preact/hooks";
import type { Session } from "../api/rooms";
import { words } from "../i18n/errors";
import { ApiError, post } from "../net/http";
import { forgetSession, keepSession, session } from "../net/session";
import { load, save } from "../net/storage";

/** Runs a form's submit: one at a time, with the problem in words beside the button. */
export function useSubmit(run: () => Promise<void>): { busy: boolean; problem: string | null; submit: (e: Event) => void } {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (e: Event) => {
    e.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    run().then(
      () => setBusy(false),
      (error: unknown) => {
        setBusy(false);
        setProblem(words(error));
      },
    );
  };
  return { busy, problem, submit };
}

export const lastName = (): string => session.peek()?.displayName ?? load<string>("name") ?? "";
const keepName = (name: string): void => save("name", name);

/** Somebody without an account is a guest with a name; made only when a name is really needed. */
export async function ensureSession(name: string): Promise<void> {
  keepName(name);
  const now = session.peek();
  if (now && now.expiresAt > Date.now() + 60_000) return;
  // Who has an account is told, not turned into a guest with an empty purse; the next try is a guest's.
  if (now && !now.guest) {
    forgetSession();
    throw new ApiError(401, "TOKEN_EXPIRED", null);
  }
  keepSession(await post<Session>("/api/auth/guest", { displayName: name }), true);
}

export function NameField({
  value,
  set,
  label = "Your name at the table",
}: {
  value: string;
  set: (v: string) => void;
  label?: string;
}) {
  return (
    <label class="field">
      <span class="lab">{label}</span>
      <input
        type="text"
        name="nickname"
        autocomplete="nickname"
        required
        maxLength={50}
        value={value}
        onInput={(e) => set(e.currentTarget.value)}
      />
    </label>
  );
}

export function NumberField({
  label,
  value,
  set,
  min,
  max,
  step = 1,
  unit,
  fraction = false,
}: {
  label: string;
  value: number;
  set: (n: number) => void;
  min: number;
  max: number;
  step?: number;
  unit?: string;
  fraction?: boolean;
}) {
  return (
    <label class="field num">
      <span class="lab">
        {label}
        {unit ? <small> ({unit})</small> : null}
      </span>
      <input
        type="number"
        inputMode={fraction ? "decimal" : "numeric"}
        required
        min={min}
        max={max}
        step={fraction ? "any" : step}
        value={value}
        onInput={(e) => {
          const n = Number(e.currentTarget.value);
          if (e.currentTarget.value !== "" && Number.isFinite(n)) set(n);
        }}
      />
    </label>
  );
}

export function Switch({ label, hint, on, set }: { label: string; hint?: string; on: boolean; set: (on: boolean) => void }) {
  return (
    <label class="switch">
      <input type="checkbox" role="switch" checked={on} onChange={(e) => set(e.currentTarget.checked)} />
      <span>
        <b>{label}</b>
        {hint ? <small>{hint}</small> : null}
      </span>
    </label>
  );
}

export function Choice<T extends string>({
  label,
  value,
  options,
  set,
}: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  set: (v: T) => void;
}) {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <div>
        {options.map(([v, name]) => (
          <label key={v}>
            <input type="radio" name={label} checked={value === v} onChange={() => set(v)} />
            <span>{name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
