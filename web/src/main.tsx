// The first page: which screen the address means, and the things that live as long as the tab.
import "./kernel";
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { startEffects } from "./fx/effects";
import { armSound } from "./fx/sound";
import { Lobby } from "./lobby/Lobby";
import { get, reachable } from "./net/http";
import { takeHandover } from "./net/handover";
import { confirmSession, forgetSession, session } from "./net/session";
import { ApiError } from "./net/http";
import type { WhoAmI } from "./api/rooms";
import { Room } from "./room/Room";
import { enter, leaveScreen } from "./store/room";
import { go, route } from "./store/router";
import { dressDocument } from "./store/settings";
import { lazy } from "./ui/lazy";
import { Link, LiveRegions, Page, Toasts } from "./ui/parts";

const Settings = lazy(
  () => import("./settings/main"),
  (m) => m.SettingsPage,
);
const History = lazy(
  () => import("./history/main"),
  (m) => m.HistoryPage,
);
const Handover = lazy(
  () => import("./handover/main"),
  (m) => m.HandoverPage,
);
const Replay = lazy(
  () => import("./history/main"),
  (m) => m.ReplayPage,
);

const arrived = signal(takeHandover());

function App() {
  const r = route.value;
  const code = r.page === "room" ? r.code : null;
  useEffect(() => {
    if (!code || arrived.value) return;
    void enter(code);
    return leaveScreen;
  }, [code, arrived.value]);
  return (
    <>
      {screen()}
      <Toasts />
      <LiveRegions />
    </>
  );

  function screen() {
    if (arrived.value) return <Handover {...arrived.value} done={() => (arrived.value = null)} />;
    switch (r.page) {
      case "lobby":
        return <Lobby />;
      case "settings":
        return <Settings />;
      case "room":
        return <Room code={r.code} text={r.text} />;
      case "history":
        return <History code={r.code} />;
      case "replay":
        return <Replay code={r.code} hand={r.hand} step={r.step} />;
      default:
        return (
          <Page title="Nothing here">
            <section class="panel narrow">
              <h1>There is nothing at this address</h1>
              <p>Check the link, or start from the lobby.</p>
              <Link to="/" class="btn primary">
                To the lobby
              </Link>
            </section>
          </Page>
        );
    }
  }
}

/** In-page links written as plain anchors stay in the page too. */
document.addEventListener("click", (e) => {
  const a = (e.target as Element | null)?.closest?.("a[href^='/']");
  if (
    !a ||
    e.defaultPrevented ||
    e.button !== 0 ||
    e.ctrlKey ||
    e.metaKey ||
    e.shiftKey ||
    a.getAttribute("href") === "/licenses.txt"
  )
    return;
  e.preventDefault();
  go(a.getAttribute("href")!);
});

addEventListener("hashchange", () => (arrived.value = takeHandover() ?? arrived.peek()));
dressDocument();
startEffects();
armSound();
effect(() => {
  document.documentElement.dataset.reach = reachable.value ? "yes" : "no";
});
if (session.peek() && !arrived.peek()) {
  get<WhoAmI>("/api/auth/me").then(confirmSession, (e: unknown) => {
    if (e instanceof ApiError && e.status === 401 && route.peek().page === "lobby") forgetSession();
  });
}
render(<App />, document.getElementById("root")!);
