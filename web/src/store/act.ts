// My action on its way: sent once, sent again with the same id until the server has answered, never shown as done before.
import { signal } from "@preact/signals";
import type { Action, Card, Problem } from "../api/common";
import type { Done } from "../api/rooms";
import type { WirePreferences } from "../api/wire";
import { words } from "../i18n/errors";
import { ApiError, call, post } from "../net/http";
import { uuid } from "../net/ids";
import { refresh, roomPath, view } from "./room";
import { legalFrom, myQuestion, myTurn, type View } from "./view";

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
  const wanted = () => flight.peek()?.id === mine.id;
  try {
    const done = await persistently<Done>(`/api/games/${v.gameId}/actions`, body, wanted, () => {
      flight.value = { ...mine, slow: true };
    });
    if (done) acknowledged(mine, done.seq);
  } catch (e) {
    if (!wanted()) return;
    flight.value = null;
    refusedBy(e);
  }
}

/** Sends the same body until the server has answered; null once the answer isn't wanted any more. */
async function persistently<T>(path: string, body: unknown, wanted: () => boolean, silent: () => void): Promise<T | null> {
  for (let attempt = 0; wanted(); attempt++) {
    try {
      return await post<T>(path, body, { timeoutMs: attempt === 0 ? ANSWER_MS : 5000 });
    } catch (e) {
      if (!(e instanceof ApiError && e.maybeLater)) throw e;
      if (!wanted()) return null;
      silent();
      const wait = e.retryAfterSecs ? e.retryAfterSecs * 1000 : RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!;
      await new Promise((r) => setTimeout(r, wait));
    }
  }
  return null;
}

/** My answer to the question how often to run it, on its way or given; by the question's turn. */
export const vote = signal<{ turn: number; runs: number } | null>(null);
export async function answerRuns(runs: number): Promise<void> {
  const v = view.peek();
  const q = v && myQuestion(v);
  if (!v || !q || vote.peek()?.turn === q.turn) return;
  const mine = { turn: q.turn, runs };
  vote.value = mine;
  refusal.value = null;
  const wanted = () => vote.peek() === mine && view.peek()?.hand?.question?.turn === q.turn;
  try {
    await persistently(`/api/games/${v.gameId}/runs`, { runs, turn: q.turn, actionId: uuid() }, wanted, () => {});
  } catch (e) {
    if (vote.peek() !== mine) return;
    vote.value = null;
    refusal.value = words(e);
    void refresh();
  }
}

/** Shows some of my cards to the room, when the hand is over. */
export const showCards = (v: View, cards: readonly Card[]): Promise<string | null> =>
  inGame(v, "/show", { handId: v.hand?.id, cards });

/** Asks what would have come. The answer is the boards; the event of it reaches the others as the room has it. */
export async function huntRabbit(v: View): Promise<string | null> {
  try {
    const { boards } = await post<{ boards: Card[][] }>(`/api/games/${v.gameId}/rabbit`, { handId: v.hand?.id });
    const now = view.peek();
    if (now?.hand && now.hand.id === v.hand?.id) view.value = { ...now, hand: { ...now.hand, rabbit: boards } };
    return null;
  } catch (e) {
    return words(e);
  }
}
async function inGame(v: View, path: string, body: unknown): Promise<string | null> {
  try {
    await post(`/api/games/${v.gameId}${path}`, body);
    return null;
  } catch (e) {
    return words(e);
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

/** Changes some of my own standing choices in this room. */
export async function prefer(change: Partial<WirePreferences>): Promise<string | null> {
  try {
    const { preferences } = await call<{ preferences: WirePreferences }>("PATCH", roomPath("/preferences"), { body: change });
    const v = view.peek();
    if (v) view.value = { ...v, me: { ...v.me, preferences } };
    void refresh();
    return null;
  } catch (e) {
    return words(e);
  }
}
