// The time of whoever is to act: a ring that drains by itself, and seconds when they matter.
import { useEffect, useState } from "preact/hooks";
import { serverNow } from "../net/clock";
import type { TimerView } from "../store/view";

export interface TimeLeft {
  secs: number;
  bank: boolean;
}
/** Seconds left by the server's clock; null without a clock or while it is stopped. */
export function timeLeft(t: TimerView, now = serverNow()): TimeLeft | null {
  if (t.deadlineAt === null) return null;
  const bank = now >= t.deadlineAt;
  const end = bank ? (t.expiresAt ?? t.deadlineAt) : t.deadlineAt;
  return { secs: Math.max(0, Math.ceil((end - now) / 1000)), bank };
}
export function useTimeLeft(t: TimerView | null, frozen: boolean): TimeLeft | null {
  const [, set] = useState(0);
  useEffect(() => {
    if (!t || frozen || t.deadlineAt === null) return;
    const id = setInterval(() => set((n) => n + 1), 250);
    return () => clearInterval(id);
  }, [t?.turn, t?.deadlineAt, t?.expiresAt, frozen]);
  const [kept, keep] = useState<TimeLeft | null>(null);
  const now = t ? timeLeft(t) : null;
  useEffect(() => {
    if (frozen) keep(now);
  }, [frozen]);
  return frozen ? kept : now;
}

export function Ring({ timer, frozen, left }: { timer: TimerView; frozen: boolean; left: TimeLeft | null }) {
  if (timer.deadlineAt === null)
    return (
      <svg class="ringt still" viewBox="0 0 36 36" aria-hidden="true">
        <circle cx="18" cy="18" r="16" />
        <circle class="p" cx="18" cy="18" r="16" pathLength={100} />
      </svg>
    );
  const bank = left?.bank ?? false;
  const from = bank ? timer.deadlineAt : timer.startedAt;
  const to = bank ? (timer.expiresAt ?? timer.deadlineAt) : timer.deadlineAt;
  const whole = Math.max(1, to - from);
  const gone = Math.min(whole, Math.max(0, serverNow() - from));
  return (
    <svg
      class={`ringt ${bank ? "bank" : ""} ${frozen ? "frozen" : ""}`}
      viewBox="0 0 36 36"
      aria-hidden="true"
      key={`${timer.turn}-${bank}-${to}`}
    >
      <circle cx="18" cy="18" r="16" />
      <circle
        class="p drain"
        cx="18"
        cy="18"
        r="16"
        pathLength={100}
        style={{ animationDuration: `${whole}ms`, animationDelay: `${-gone}ms` }}
      />
    </svg>
  );
}
