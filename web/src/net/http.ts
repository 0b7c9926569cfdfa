// One function for every call. It answers, or throws an ApiError with a code that i18n/errors.ts has words for.
import { signal } from "@preact/signals";
import type { Problem } from "../api/common";
import { session } from "./session";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly problem: Problem | null,
    readonly retryAfterSecs: number | null = null,
  ) {
    super(code);
  }
  /** Nothing is known about the outcome, or the server is away: the same call may be made again. */
  get maybeLater(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** False after a call that found no server, until one finds it again. */
export const reachable = signal(true);

/** The room's own token: it stands in when the bearer has run out at the table. */
let spare: { prefix: string; token: string } | null = null;
export const spareToken = (prefix: string, token: string | null): void => {
  spare = token ? { prefix, token } : null;
};

interface Options {
  body?: unknown;
  timeoutMs?: number;
  /** Asks as somebody else than the one who is signed in. */
  token?: string;
  rejoinToken?: string | null;
  signal?: AbortSignal;
  /** The answer is a file: its text, as it is. */
  file?: boolean;
}

export async function call<T>(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: options.file ? "*/*" : "application/json" };
  const token = options.token ?? session.peek()?.token;
  if (options.rejoinToken) headers.Authorization = `Rejoin ${options.rejoinToken}`;
  else if (token) headers.Authorization = `Bearer ${token}`;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";

  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), options.timeoutMs ?? 10_000);
  options.signal?.addEventListener("abort", () => abort.abort());
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      headers,
      signal: abort.signal,
      credentials: "same-origin",
      cache: "no-store",
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    text = await response.text();
  } catch {
    reachable.value = false;
    throw new ApiError(0, "OFFLINE", null);
  } finally {
    clearTimeout(timer);
  }
  reachable.value = true;
  if (response.ok && options.file) return text as T;
  const json = parse(text);
  if (response.ok) return json as T;
  const problem = json && typeof json === "object" && "code" in json ? (json as Problem) : null;
  if (response.status === 401 && spare && !options.rejoinToken && path.startsWith(spare.prefix))
    return call<T>(method, path, { ...options, rejoinToken: spare.token });
  const after = Number(response.headers.get("Retry-After"));
  throw new ApiError(
    response.status,
    problem?.code ?? fallback(response.status),
    problem,
    Number.isFinite(after) && after > 0 ? after : null,
  );
}

export const get = <T>(path: string, options?: Options): Promise<T> => call<T>("GET", path, options);
export const post = <T>(path: string, body: unknown = {}, options: Options = {}): Promise<T> =>
  call<T>("POST", path, { ...options, body });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
const fallback = (status: number): string =>
  status === 401 ? "UNAUTHENTICATED" : status === 429 ? "RATE_LIMITED" : status >= 500 ? "DATABASE_UNAVAILABLE" : "BAD_REQUEST";
