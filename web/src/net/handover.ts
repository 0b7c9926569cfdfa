// A sign-in that somebody else has done: Supabase Auth sends its users back with `#access_token=…`, and an app that links
// here may do the same. A fragment never goes to a server, and it leaves the address and the history before anything else.

export interface Handover {
  /** Null if the sign-in failed elsewhere. */
  token: string | null;
}

/** What a fragment hands over, if anything: the fields of an OAuth answer, as in `#access_token=…&token_type=bearer`. */
export function readHandover(fragment: string): Handover | null {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const token = fields.get("access_token");
  return token ? { token } : fields.has("error_description") || fields.has("error_code") ? { token: null } : null;
}

/** Takes the handover out of the address bar. */
export function takeHandover(): Handover | null {
  const found = readHandover(location.hash);
  if (found) history.replaceState(null, "", location.pathname + location.search);
  return found;
}

/** When a token ends, in milliseconds since 1970; null if it says so nowhere. Only for show: the server decides. */
export function expiryOf(token: string): number | null {
  try {
    const body = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(body)) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1000 : null;
  } catch {
    return null;
  }
}
