// The room that this page shows: its screen, its view, and what the other parts may do with it. One stay at a time.
import { computed, signal } from "@preact/signals";
import { get, post, spareToken } from "../net/http";
import { Connection, type ConnectionState } from "../net/connection";
import { keepRoom, knownRoom, session } from "../net/session";
import { TabClaim } from "../net/tabs";
import { type Gone, type Listener, RoomSession, type Screen, type Stage, type Surroundings } from "./room-session";
import type { View } from "./view";

export type { Gone, Stage };

export const stage = signal<Stage>({ at: "loading" });
export const view = signal<View | null>(null);
export const connection = signal<Connection | null>(null);
export const connectionState = computed<ConnectionState>(() => connection.value?.state.value ?? "off");
/** Controls work only on a connection we can trust; a slow one is fine, because an action carries an id. */
export const connected = computed(() => connectionState.value === "live" || connectionState.value === "slow");

const listeners = new Set<Listener>();
export const onEvent = (f: Listener): void => void listeners.add(f);

const screen: Screen = { stage, view, connection };
const surroundings: Surroundings = {
  get,
  post,
  signedIn: () => session.peek(),
  known: knownRoom,
  keep: keepRoom,
  spare: spareToken,
  connect: (owner) => new Connection(owner),
  claim: (roomId, lost) => new TabClaim(roomId, lost),
  tell: (...told) => {
    for (const f of listeners) f(...told);
  },
};

let stay: RoomSession | null = null;
function begin(code: string): RoomSession {
  stay?.close();
  stay = new RoomSession(code, screen, surroundings);
  return stay;
}

export const roomPath = (rest: string): string => stay?.path(rest) ?? `/api/rooms${rest}`;
export const enter = (code: string): Promise<void> => begin(code).enter();
export const retry = (): void => {
  if (stay) void enter(stay.code);
};
/** Back to the door after a refusal, a kick or leaving. */
export const askAgain = (): void => {
  if (stay) void begin(stay.code).enterAsNew();
};
export const ask = (displayName: string, password: string | null, watch: boolean): Promise<void> =>
  stay?.ask(displayName, password, watch) ?? Promise.resolve();
export const refresh = (): Promise<void> => stay?.refresh() ?? Promise.resolve();
export const useHere = (): void => stay?.useHere();
export const goneFor = (why: Gone): void => stay?.gone(why);
export const leaveScreen = (): void => stay?.close();
