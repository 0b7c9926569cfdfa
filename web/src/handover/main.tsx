// Whoever arrives with somebody else's sign-in: it is checked with the server, and only then used.
import "../kernel";
import { useEffect, useState } from "preact/hooks";
import type { WhoAmI } from "../api/rooms";
import { words } from "../i18n/errors";
import { expiryOf, type Handover } from "../net/handover";
import { ApiError, get } from "../net/http";
import { keepSession, session, type StoredSession } from "../net/session";
import { Page } from "../ui/parts";

const AGAIN_MS = 2000;

type Step = { at: "checking"; problem?: string } | { at: "choice"; next: StoredSession } | { at: "refused"; why: string };

export function HandoverPage({ token, done }: Handover & { done: () => void }) {
  const [step, show] = useState<Step>({ at: "checking" });
  const now = session.value;
  const use = (next: StoredSession) => {
    keepSession(next, next.guest);
    done();
  };
  useEffect(() => {
    if (!token) return show({ at: "refused", why: "It was broken off, or the link is too old." });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const check = async () => {
      try {
        const me = await get<WhoAmI>("/api/auth/me", { token });
        const next = { token, userId: me.userId, displayName: me.displayName, expiresAt: expiryOf(token) ?? 0, guest: me.guest };
        // Nobody becomes somebody else by following a link.
        if (now && now.userId !== me.userId && now.expiresAt > Date.now()) show({ at: "choice", next });
        else use(next);
      } catch (e) {
        if (!(e instanceof ApiError) || !e.maybeLater)
          return show({
            at: "refused",
            why: e instanceof ApiError && e.code === "TOKEN_EXPIRED" ? "It has run out." : "This server does not accept it.",
          });
        show({ at: "checking", problem: words(e) });
        timer = setTimeout(() => void check(), AGAIN_MS);
      }
    };
    void check();
    return () => clearTimeout(timer);
  }, []);
  return (
    <Page title="Signing in">
      <section class="panel narrow stackd">
        {step.at === "checking" && (
          <>
            <h1>Signing in</h1>
            <p class="busyline" role="status">
              <i class="spin" />
              {step.problem ?? "One moment …"}
            </p>
          </>
        )}
        {step.at === "choice" && (
          <>
            <h1>Who do you want to be?</h1>
            <p>
              This browser plays as <b>{now?.displayName}</b>. The link you followed signs you in as{" "}
              <b>{step.next.displayName}</b>.
            </p>
            <div class="rowd">
              <button type="button" class="btn primary" onClick={done}>
                Stay {now?.displayName}
              </button>
              <button type="button" class="btn" onClick={() => use(step.next)}>
                Go on as {step.next.displayName}
              </button>
            </div>
          </>
        )}
        {step.at === "refused" && (
          <>
            <h1>That sign-in did not work</h1>
            <p role="alert">{step.why} Sign in again where you came from, or go on without.</p>
            <button type="button" class="btn primary" onClick={done}>
              {now ? `Go on as ${now.displayName}` : "Go on as a guest"}
            </button>
          </>
        )}
      </section>
    </Page>
  );
}
