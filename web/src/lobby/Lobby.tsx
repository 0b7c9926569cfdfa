// The first screen: back to my tables, join one, or open one.
import { useEffect, useState } from "preact/hooks";
import type { MyRoom, MyRooms } from "../api/rooms";
import { fmt, plural, showCode } from "../i18n/format";
import { ApiError, get, reachable } from "../net/http";
import { session } from "../net/session";
import { go, tidyCode } from "../store/router";
import { Icon } from "../ui/icons";
import { Link, Page } from "../ui/parts";
import { Account } from "./Account";
import { Create } from "./Create";

const RETRY_MS = 4000;

export function Lobby() {
  const away = !reachable.value;
  useEffect(() => {
    if (!away) return;
    const timer = setInterval(() => void get("/healthz").catch(() => {}), RETRY_MS);
    return () => clearInterval(timer);
  }, [away]);
  return (
    <Page title="Lobby">
      <div class="lobby">
        <section class="hero-text">
          <h1>Your own poker room</h1>
          <p>Open a table, send the link, and deal. Play chips only; nobody gets in unless the host says so.</p>
        </section>
        {away && (
          <p class="notice" role="status">
            <Icon name="offline" />
            Can't reach the server. What you type stays here; we keep trying.
          </p>
        )}
        <Mine />
        <div class="cols">
          <Join />
          <Create />
        </div>
        <Account />
        <footer class="foot">
          <Link to="/settings">Settings</Link>
          <a
            href="/api/docs"
            onClick={(e) => {
              e.preventDefault();
              location.assign("/api/docs");
            }}
          >
            API
          </a>
          <a href="/licenses.txt">Licences</a>
        </footer>
      </div>
    </Page>
  );
}

function Join() {
  const [text, setText] = useState("");
  const code = tidyCode(text);
  return (
    <section class="panel">
      <h2>Join a table</h2>
      <form
        class="stackd"
        onSubmit={(e) => {
          e.preventDefault();
          if (code) go(`/r/${code}`);
        }}
      >
        <label class="field">
          <span class="lab">Code or link</span>
          <input
            type="text"
            class="code"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            required
            placeholder="K7QX-42AB"
            value={text}
            onInput={(e) => setText(e.currentTarget.value)}
          />
          <span class="hint">The host sends it to you. Dashes and small letters don't matter.</span>
        </label>
        <button type="submit" class="btn primary big" disabled={code.length < 4}>
          Go to the table
        </button>
      </form>
    </section>
  );
}

function Mine() {
  const [rooms, setRooms] = useState<MyRoom[]>([]);
  const me = session.value?.userId;
  useEffect(() => {
    if (!me) return setRooms([]);
    let on = true;
    let timer: ReturnType<typeof setTimeout>;
    const load = async () => {
      try {
        const mine = await get<MyRooms>("/api/rooms");
        if (on)
          setRooms(
            mine.rooms.filter((r) => r.status === "open" && (r.memberStatus === "approved" || r.memberStatus === "pending")),
          );
      } catch (e) {
        if (e instanceof ApiError && !e.maybeLater) return;
      }
      if (on) timer = setTimeout(load, reachable.peek() ? 10_000 : RETRY_MS);
    };
    void load();
    return () => {
      on = false;
      clearTimeout(timer);
    };
  }, [me]);
  if (!rooms.length) return null;
  return (
    <section class="mine" aria-labelledby="mine">
      <h2 id="mine">Your tables</h2>
      <ul>
        {rooms.map((r) => (
          <li key={r.id}>
            <Link to={`/r/${r.code}`} class="roomcard">
              <span class="rt">
                <b>{r.name}</b>
                {r.yourTurn ? (
                  <span class="flag turn">Your turn</span>
                ) : r.memberStatus === "pending" ? (
                  <span class="flag">Waiting to be let in</span>
                ) : r.isHost ? (
                  <span class="flag">Host</span>
                ) : null}
                {r.isHost && r.pendingRequests > 0 ? (
                  <span class="flag turn">{plural(r.pendingRequests, "request", "requests")}</span>
                ) : null}
              </span>
              <span class="rm">
                {fmt(r.settings.smallBlind)} / {fmt(r.settings.bigBlind)} · {plural(r.memberCount, "member", "members")} ·{" "}
                {r.seatIndex !== null ? `seat ${r.seatIndex + 1}` : r.role === "spectator" ? "watching" : "no seat"} ·{" "}
                {GAME[r.gameStatus]}
              </span>
              <span class="rc">
                {showCode(r.code)}
                <Icon name="next" />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
const GAME = { waiting: "not started", active: "playing", paused: "paused", completed: "over" } as const;
