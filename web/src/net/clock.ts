// The server's clock as seen from here. Only for showing time left; no decision is taken by it.
import { signal } from "@preact/signals";

/** Milliseconds to add to our clock, from the answer that travelled fastest. */
export const offset = signal(0);
/** Milliseconds there and back, of the last heartbeat. */
export const rtt = signal<number | null>(null);

let best = Infinity;
let bestAt = 0;

/** Learns from one exchange. An old best is forgotten after a minute, because clocks drift. */
export function learn(sentAt: number, serverTime: number, receivedAt: number): void {
  const trip = Math.max(0, receivedAt - sentAt);
  if (trip > best && receivedAt - bestAt < 60_000) return;
  best = trip;
  bestAt = receivedAt;
  const next = Math.round(serverTime - (sentAt + receivedAt) / 2);
  if (Math.abs(next - offset.peek()) > 20) offset.value = next;
}
export const serverNow = (): number => Date.now() + offset.peek();
export function forgetClock(): void {
  best = Infinity;
  rtt.value = null;
}
