// My action on its way: sent once, sent again with the same id until the server has answered, never shown as done before.
import { signal } from "@preact/signals";
import type { Action, Problem } from "../api/common";
import type { Done } from "../api/rooms";
import { words } from "../i18n/errors";
import { ApiError, call, post } from "../net/http";
import { uuid } from "../net/ids";
import { refresh, roomPath, view } from "./room";
import { legalFrom, myTurn } from "./view";

export interface Flight {
  id: string;
  action: Action;
  amount: number | null;
  turn: number;
  /** After the first silence. */
  slow: boolean;
}
export const flight = signal<Flight | null>(null);
/** Why the last action was refused, shown beside the buttons. */
export const refusal = signal<string | null>(null);

const RETRY_MS = [400, 800, 1600, 3000];
const ANSWER_MS = 2000;

export async function act(action: Action, amount: number | null = null): Promise<void> {
  const v = view.peek();
  if (!v?.timer || flight.peek() || !myTurn(v)) return;
  const mine: Flight = { id: uuid(), action, amount, turn: v.timer.turn, slow: false };
  flight.value = mine;
  refusal.value = null;
  const body = { action, ...(amount === null ? {} : { amount }), actionId: mine.id, turn: mine.turn };
  for (let attempt = 0; flight.peek()?.id === mine.id; attempt++) {
    try {
      const done = await post<Done>(`/api/games/${v.gameId}/actions`, body, { timeoutMs: attempt === 0 ? ANSWER_MS : 5000 });
      return acknowledged(mine, done.seq);
    } catch (e) {
      if (flight.peek()?.id !== mine.id) return;
      if (e instanceof ApiError && e.maybeLater) {
        flight.value = { ...mine, slow: true };
        const wait = e.retryAfterSecs ? e.retryAfterSecs * 1000 : RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!;
        await new Promise((r) => setTimeout(r, wait));
        continue;
      }
      flight.value = null;
      return refusedBy(e);
    }
  }
}

/** The answer may arrive before the event it caused; the buttons wait for the event. */
function acknowledged(mine: Flight, seq: number): void {
  const settled = () => (view.peek()?.seq ?? 0) >= seq;
  const finish = () => {
    if (flight.peek()?.id === mine.id) flight.value = null;
  };
  if (settled()) return finish();
  const stop = view.subscribe(() => settled() && finish());
  setTimeout(() => {
    stop();
    if (flight.peek()?.id !== mine.id) return;
    void refresh().finally(finish); // the socket is silent: ask
  }, 1500);
}

function refusedBy(e: unknown): void {
  refusal.value = words(e);
  const problem: Problem | null = e instanceof ApiError ? e.problem : null;
  const v = view.peek();
  if (v && problem?.legalActions && myTurn(v)) view.value = { ...v, me: { ...v.me, legal: legalFrom(problem.legalActions) } };
  void refresh();
}

/** A command that isn't an action: answers nothing, says in words what went wrong. */
export async function command(
  path: string,
  body: unknown = {},
  method: "POST" | "DELETE" | "PATCH" = "POST",
): Promise<string | null> {
  try {
    await call(method, roomPath(path), { body });
    return null;
  } catch (e) {
    return words(e);
  }
}
