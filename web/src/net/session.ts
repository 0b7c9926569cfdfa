// Who we are. The bearer token lives in localStorage, so that every tab of this browser is the same player.
import { signal } from "@preact/signals";
import type { Session, WhoAmI } from "../api/rooms";
import { load, save } from "./storage";

export interface StoredSession extends Session {
  guest: boolean;
}
export const session = signal<StoredSession | null>(load<StoredSession>("session"));

export function keepSession(next: Session, guest: boolean): void {
  session.value = { ...next, guest };
  save("session", session.value);
}
export function forgetSession(): void {
  session.value = null;
  save("session", null);
}
export function confirmSession(me: WhoAmI): void {
  const s = session.peek();
  if (s && (s.guest !== me.guest || s.displayName !== me.displayName))
    keepSession({ ...s, displayName: me.displayName }, me.guest);
}

/** What we know of a room from before: enough to be back at the table in one request. */
export interface KnownRoom {
  roomId: string;
  rejoinToken: string | null;
  userId: string;
}
export const knownRoom = (code: string): KnownRoom | null => load<KnownRoom>(`room.${code}`);
export const keepRoom = (code: string, room: KnownRoom | null): void => save(`room.${code}`, room);

addEventListener("storage", (e) => {
  if (e.key === "holdfast.session") session.value = load<StoredSession>("session");
});
