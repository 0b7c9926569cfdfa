// Small things every screen uses.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { polite, urgent } from "../fx/announce";
import { go } from "../store/router";
import { Icon, type IconName } from "./icons";
import { dismiss, toasts } from "./toast";

/** An in-page link that is still a real link: middle click, copy address, screen reader. */
export function Link({
  to,
  class: cls,
  children,
  label,
}: {
  to: string;
  class?: string;
  children: ComponentChildren;
  label?: string;
}) {
  const follow = (e: MouseEvent) => {
    if (e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0) return;
    e.preventDefault();
    go(to);
  };
  return (
    <a href={to} class={cls ?? ""} onClick={follow} {...(label ? { "aria-label": label } : {})}>
      {children}
    </a>
  );
}

export function IconButton({
  icon,
  label,
  onClick,
  badge,
  pressed,
  expanded,
  wide,
}: {
  icon: IconName;
  label: string;
  onClick: () => void;
  badge?: number;
  pressed?: boolean;
  expanded?: boolean;
  wide?: boolean;
}) {
  return (
    <button
      type="button"
      class="icon"
      onClick={onClick}
      {...(wide ? {} : { "aria-label": badge ? `${label}, ${badge} waiting` : label, title: label })}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      {...(expanded === undefined ? {} : { "aria-expanded": expanded })}
    >
      <Icon name={icon} />
      {wide && <span>{label}</span>}
      {badge ? (
        <span class="badge" aria-hidden={!wide}>
          {badge}
          {wide && <span class="vh"> waiting</span>}
        </span>
      ) : null}
    </button>
  );
}

/** A button that runs a command, waits visibly, and shows beside itself what went wrong. */
export function Do({
  run,
  children,
  class: cls = "btn",
  disabled,
  after,
}: {
  run: () => Promise<string | null>;
  children: ComponentChildren;
  class?: string;
  disabled?: boolean;
  after?: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const alive = useRef(true);
  useEffect(
    () => () => {
      alive.current = false;
    },
    [],
  );
  const press = async () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    const problem = await run();
    if (!problem) after?.();
    if (!alive.current) return;
    setBusy(false);
    setError(problem);
  };
  return (
    <>
      <button type="button" class={cls} disabled={disabled || busy} aria-busy={busy} onClick={() => void press()}>
        {children}
      </button>
      {error && (
        <p class="problem" role="alert">
          {error}
        </p>
      )}
    </>
  );
}

export function Dialog({
  title,
  onClose,
  children,
  kind = "sheet",
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  kind?: "sheet" | "drawer";
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const d = ref.current;
    const back = document.activeElement as HTMLElement | null;
    d?.showModal();
    return () => {
      d?.close();
      back?.focus?.();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: for the keyboard there are Escape and the Close button
    <dialog
      ref={ref}
      class={kind}
      aria-label={title}
      onCancel={(e) => {
        e.preventDefault();
        onClose();
      }}
      onClick={(e) => e.target === e.currentTarget && onClose()}
    >
      <div class="sheet-in">
        <header>
          <h2>{title}</h2>
          <IconButton icon="x" label="Close" onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

export function Toasts() {
  return (
    <section class="toasts" aria-label="Messages">
      <ul>
        {toasts.value.map((t) => (
          <li key={t.id} class={t.kind}>
            <span>{t.text}</span>
            <button type="button" class="bare" aria-label="Dismiss" onClick={() => dismiss(t.id)}>
              <Icon name="x" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
export function LiveRegions() {
  return (
    <>
      <p class="vh" role="status" aria-live="polite">
        {polite.value}
      </p>
      <p class="vh" role="alert" aria-live="assertive">
        {urgent.value}
      </p>
    </>
  );
}

export function CopyButton({ text, label, class: cls = "btn" }: { text: string; label: string; class?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await copyText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1800);
  };
  return (
    <button type="button" class={cls} onClick={() => void copy()}>
      <Icon name={done ? "check" : "copy"} />
      <span>{done ? "Copied" : label}</span>
    </button>
  );
}
/** The clipboard API is missing on plain http; a hidden field still works there. */
async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "vh";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

/** Renders again every second while mounted; for the few places that count in words. */
export function useTick(ms = 1000, on = true): void {
  const [, set] = useState(0);
  useEffect(() => {
    if (!on) return;
    const t = setInterval(() => set((n) => n + 1), ms);
    return () => clearInterval(t);
  }, [ms, on]);
}
/** `onSettings`: opens the settings over this page, where leaving it would cost something. */
export function Page({
  title,
  children,
  back,
  onSettings,
}: {
  title: string;
  children: ComponentChildren;
  back?: string;
  onSettings?: () => void;
}) {
  useEffect(() => {
    document.title = `${title} · Holdfast`;
  }, [title]);
  return (
    <div class="page">
      <header class="bar">
        {back ? (
          <Link to={back} class="icon" label="Back">
            <Icon name="back" />
          </Link>
        ) : null}
        <Link to="/" class="brand">
          <Mark />
          Holdfast
        </Link>
        <span class="sp" />
        {onSettings ? (
          <IconButton icon="settings" label="Settings" onClick={onSettings} />
        ) : (
          <Link to="/settings" class="icon" label="Settings">
            <Icon name="settings" />
          </Link>
        )}
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
export const Mark = () => (
  <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M12 1.500c-1 3-9.500 7.600-9.500 13 0 2.900 2.100 4.700 4.500 4.700 1.600 0 2.900-.7 3.800-1.900-.2 2-.9 3.700-2.300 5.200h7c-1.400-1.500-2.100-3.200-2.300-5.200.9 1.200 2.200 1.900 3.800 1.900 2.400 0 4.500-1.800 4.500-4.700 0-5.400-8.500-10-9.500-13z" />
  </svg>
);
