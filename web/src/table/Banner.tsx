// The state of the connection, on the table itself, where the eyes are.
import { useEffect, useState } from "preact/hooks";
import { alertNow } from "../fx/announce";
import { turnWords } from "../fx/effects";
import { connection, connectionState, useHere, view } from "../store/room";
import { myTurn } from "../store/view";
import { useTick } from "../ui/parts";

export function Banner() {
  const state = connectionState.value;
  const lostAt = connection.value?.lostAt.value ?? null;
  const retryAt = connection.value?.retryAt.value ?? null;
  const down = state === "reconnecting" || (state === "catching_up" && lostAt !== null);
  const [back, setBack] = useState(false);
  const [wasDown, setWasDown] = useState(false);
  useTick(1000, down);
  useEffect(() => {
    if (down) {
      if (!wasDown) alertNow("Connection lost. Reconnecting.");
      setWasDown(true);
    } else if (wasDown && (state === "live" || state === "slow")) {
      setWasDown(false);
      setBack(true);
      const v = view.peek();
      alertNow(v && myTurn(v) ? `Reconnected. ${turnWords(v)}` : "Reconnected.");
      const t = setTimeout(() => setBack(false), 2000);
      return () => clearTimeout(t);
    }
    return;
  }, [down, state]);
  if (state === "other_tab") {
    return (
      <div class="banner other">
        <p>
          <b>This table is open in another tab.</b> Only one tab of a browser plays at a time.
        </p>
        <button type="button" class="btn primary" onClick={useHere}>
          Use here
        </button>
      </div>
    );
  }
  if (down) {
    const secs = lostAt ? Math.floor((Date.now() - lostAt) / 1000) : 0;
    const next = retryAt ? Math.ceil((retryAt - Date.now()) / 1000) : 0;
    const seated = view.value?.me.seat !== null;
    return (
      <div class="banner down">
        <p>
          <b>{state === "catching_up" ? "Catching up…" : "Reconnecting…"}</b> {secs > 20 ? "Check your connection. " : ""}
          {seated ? "Your seat is held. The countdown here is paused; the table's is not." : "What you see may be old."}
          {state === "reconnecting" && next > 1 ? ` Next try in ${next} s.` : ""}
        </p>
        {secs > 4 && state === "reconnecting" && (
          <button type="button" class="btn" onClick={() => connection.peek()?.retryNow()}>
            Retry now
          </button>
        )}
      </div>
    );
  }
  if (back)
    return (
      <div class="banner back">
        <p>
          <b>Reconnected.</b>
        </p>
      </div>
    );
  return null;
}
