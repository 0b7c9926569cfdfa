// The screens outside of the table: who are you, may I come in, and why not.
import "../kernel";
import { useRef, useState } from "preact/hooks";
import type { LobbyView } from "../api/rooms";
import { fmt, plural, showCode, span } from "../i18n/format";
import { MAX_PASSWORD } from "../lobby/defaults";
import { command } from "../store/act";
import { ask, askAgain, enter, goneFor, retry, stage, type Gone, type Stage } from "../store/room";
import { ensureSession, lastName, NameField, useSubmit } from "../ui/forms";
import { Icon } from "../ui/icons";
import { Do, Link, useTick } from "../ui/parts";
import { Note } from "./Note";

export function Door({ code, s }: { code: string; s: Exclude<Stage, { at: "table" | "loading" | "away" }> }) {
  switch (s.at) {
    case "sign_in":
      return <SignIn code={code} />;
    case "join":
      return <Join lobby={s.lobby} />;
    case "pending":
      return <Pending lobby={s.lobby} since={s.since} />;
    case "gone":
      return <GoneNote why={s.why} code={code} />;
  }
}

const GONE: Record<Gone, [title: string, text: string, again: boolean]> = {
  not_found: ["No such table", "There is no table with this code. Check it with the host; maybe a letter is missing.", false],
  banned: ["You can't join this table", "The host has blocked you here.", false],
  kicked: ["You were removed", "The host removed you from this room. Your chips were cashed out.", true],
  closed: ["This table is closed", "The game is over and the host has closed the room.", false],
  full: ["This table is full", "Nobody else fits in at the moment. Ask the host to make space, then try again.", true],
  rejected: ["Not let in", "The host did not let you in this time.", true],
  left: ["You have left", "Your seat is free again. You can ask to come back.", true],
  expired: ["Your sign-in has run out", "Give your name once more and you are back; seat and chips are kept for you.", true],
};
function GoneNote({ why, code }: { why: Gone; code: string }) {
  const [title, text, again] = GONE[why];
  return (
    <Note title={title}>
      <p>{text}</p>
      {why === "not_found" && (
        <p class="hint">
          Code: <b>{showCode(code)}</b>
        </p>
      )}
      <div class="rowd">
        <Link to="/" class="btn primary">
          To the lobby
        </Link>
        {why === "rejected" || why === "expired" || why === "kicked" || why === "left" ? (
          <AskAgain why={why} />
        ) : (
          again && (
            <button type="button" class="btn" onClick={retry}>
              Try again
            </button>
          )
        )}
      </div>
    </Note>
  );
}
function AskAgain({ why }: { why: Gone }) {
  const press = () => {
    if (why === "expired") stage.value = { at: "sign_in" };
    else void askAgain();
  };
  return (
    <button type="button" class="btn" onClick={press}>
      {why === "expired" ? "Sign in again" : "Ask again"}
    </button>
  );
}

function SignIn({ code }: { code: string }) {
  const [name, setName] = useState(lastName());
  const { busy, problem, submit } = useSubmit(async () => {
    await ensureSession(name.trim());
    await enter(code);
  });
  return (
    <Note title="What shall we call you?">
      <p>
        Somebody has invited you to table <b>{showCode(code)}</b>.
      </p>
      <form class="stackd" onSubmit={submit}>
        <NameField value={name} set={setName} />
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="btn primary big" disabled={busy || !name.trim()}>
          Go on
        </button>
      </form>
    </Note>
  );
}

const Facts = ({ lobby }: { lobby: LobbyView }) => {
  const s = lobby.room.settings;
  const taken = lobby.seats.filter((x) => x.userId).length;
  return (
    <dl class="facts">
      <div>
        <dt>Host</dt>
        <dd>
          {lobby.hostDisplayName}
          {lobby.hostOnline ? "" : " (away)"}
        </dd>
      </div>
      <div>
        <dt>Blinds</dt>
        <dd>
          {fmt(s.smallBlind)} / {fmt(s.bigBlind)}
          {s.ante ? `, ante ${fmt(s.ante)}` : ""}
        </dd>
      </div>
      <div>
        <dt>Buy-in</dt>
        <dd>
          {fmt(s.minBuyIn)} to {fmt(s.maxBuyIn)}
        </dd>
      </div>
      <div>
        <dt>Seats</dt>
        <dd>
          {taken} of {s.seats} taken
        </dd>
      </div>
      <div>
        <dt>Clock</dt>
        <dd>{s.actionTimeoutSecs ? `${s.actionTimeoutSecs} s` : "none"}</dd>
      </div>
      <div>
        <dt>Inside</dt>
        <dd>{plural(lobby.memberCount, "person", "people")}</dd>
      </div>
    </dl>
  );
};

function Join({ lobby }: { lobby: LobbyView }) {
  const [name, setName] = useState(lastName());
  const [password, setPassword] = useState("");
  const watch = useRef(false);
  const { busy, problem, submit } = useSubmit(() => ask(name.trim(), password || null, watch.current));
  return (
    <Note title={lobby.room.name}>
      <Facts lobby={lobby} />
      <form
        class="stackd"
        onSubmit={(e) => {
          watch.current = (e as SubmitEvent).submitter?.getAttribute("value") === "watch";
          submit(e);
        }}
      >
        <NameField value={name} set={setName} />
        {lobby.room.hasPassword && (
          <label class="field">
            <span class="lab">Password of the room</span>
            <input
              type="password"
              required
              maxLength={MAX_PASSWORD}
              autocomplete="off"
              value={password}
              onInput={(e) => setPassword(e.currentTarget.value)}
            />
          </label>
        )}
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="rowd">
          <button type="submit" value="play" class="btn primary big" disabled={busy || !name.trim()}>
            {lobby.room.settings.autoApprove ? "Come in" : "Ask to join"}
          </button>
          {lobby.room.settings.spectatorsAllowed && (
            <button type="submit" value="watch" class="btn big" disabled={busy || !name.trim()}>
              <Icon name="eye" />
              {lobby.room.settings.autoApprove ? "Just watch" : "Ask to watch"}
            </button>
          )}
        </div>
      </form>
    </Note>
  );
}

function Pending({ lobby, since }: { lobby: LobbyView | null; since: number }) {
  useTick();
  const host = lobby?.hostDisplayName ?? "the host";
  return (
    <Note title={`Waiting for ${host} to let you in`}>
      <p class="busyline" role="status">
        <i class="spin" />
        Request sent{lobby && !lobby.hostOnline ? `; ${host} is away at the moment. It stays.` : "."}
      </p>
      <p class="hint">Waiting for {span((Date.now() - since) / 1000)}. You can reload or close this page; the request is kept.</p>
      {lobby && <Facts lobby={lobby} />}
      <div class="rowd">
        <Do run={() => command("/leave")} after={() => goneFor("left")}>
          Withdraw request
        </Do>
        <Link to="/" class="btn">
          To the lobby
        </Link>
      </div>
    </Note>
  );
}
