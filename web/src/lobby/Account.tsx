// Guests can turn into an account without losing seat or chips; whoever has one can log in.
import { useState } from "preact/hooks";
import type { Session } from "../api/rooms";
import { call, post } from "../net/http";
import { forgetSession, keepSession, session } from "../net/session";
import { useSubmit } from "../ui/forms";
import { MAX_PASSWORD } from "./defaults";

export function Account() {
  const s = session.value;
  const [how, setHow] = useState<"login" | "register">("register");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [name, setName] = useState(s?.displayName ?? "");
  const { busy, problem, submit } = useSubmit(async () => {
    const answer =
      how === "login"
        ? await post<Session>("/api/auth/login", { email, password })
        : await post<Session>("/api/auth/register", { email, password, displayName: name.trim() });
    keepSession(answer, false);
  });
  const out = () => {
    void call("POST", "/api/auth/logout", { body: {} }).catch(() => {});
    forgetSession();
  };
  if (s && !s.guest)
    return (
      <p class="whoami">
        Logged in as <b>{s.displayName}</b>.{" "}
        <button type="button" class="textbtn" onClick={out}>
          Log out
        </button>
      </p>
    );
  return (
    <details class="account">
      <summary>
        {s ? (
          <>
            You play as guest <b>{s.displayName}</b>. Keep it with an account
          </>
        ) : (
          "Log in or make an account"
        )}
      </summary>
      <form class="panel stackd" onSubmit={submit}>
        <div class="seg two" role="group" aria-label="Account">
          <button type="button" aria-pressed={how === "register"} onClick={() => setHow("register")}>
            New account
          </button>
          <button type="button" aria-pressed={how === "login"} onClick={() => setHow("login")}>
            Log in
          </button>
        </div>
        {how === "register" && (
          <label class="field">
            <span class="lab">Name</span>
            <input
              type="text"
              required
              maxLength={50}
              autocomplete="nickname"
              value={name}
              onInput={(e) => setName(e.currentTarget.value)}
            />
          </label>
        )}
        <label class="field">
          <span class="lab">Email</span>
          <input type="email" required autocomplete="email" value={email} onInput={(e) => setEmail(e.currentTarget.value)} />
        </label>
        <label class="field">
          <span class="lab">Password</span>
          <input
            type="password"
            required
            minLength={8}
            maxLength={MAX_PASSWORD}
            autocomplete={how === "login" ? "current-password" : "new-password"}
            value={password}
            onInput={(e) => setPassword(e.currentTarget.value)}
          />
        </label>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="btn primary" disabled={busy}>
          {how === "login" ? "Log in" : "Make the account"}
        </button>
      </form>
    </details>
  );
}
