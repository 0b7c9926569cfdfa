// Everybody in the room, and what the host can do with each of them. What would hurt is said before it is done.
import { useState } from "preact/hooks";
import { fmt, hue, initials } from "../i18n/format";
import { command } from "../store/act";
import { refresh } from "../store/room";
import { handRuns, seatOf, type Member, type View } from "../store/view";
import { Do } from "../ui/parts";

type Open = { userId: string; what: "chips" | "kick" } | null;

export function People({ v }: { v: View }) {
  const [open, setOpen] = useState<Open>(null);
  const seated = (m: Member) => (seatOf(v, m.userId) ? 0 : m.role === "spectator" ? 1 : 2);
  const people = [...v.members].sort(
    (a, b) =>
      seated(a) - seated(b) ||
      (seatOf(v, a.userId)?.index ?? 0) - (seatOf(v, b.userId)?.index ?? 0) ||
      a.name.localeCompare(b.name),
  );
  return (
    <section aria-labelledby="hp-people">
      <h3 id="hp-people">People</h3>
      <ul class="people">
        {people.map((m) => (
          <Person
            key={m.userId}
            v={v}
            m={m}
            open={open?.userId === m.userId ? open.what : null}
            set={(what) => setOpen(what ? { userId: m.userId, what } : null)}
          />
        ))}
      </ul>
      {v.banned.length > 0 && (
        <details>
          <summary>Blocked: {fmt(v.banned.length)}</summary>
          <ul class="people">
            {v.banned.map((b) => (
              <li key={b.userId}>
                <div class="line">
                  <span class="pn">
                    <b>{b.name}</b>
                    <small>May not ask to join</small>
                  </span>
                  <Do class="btn small" run={() => command("/unban", { userId: b.userId })} after={() => void refresh()}>
                    Unblock<span class="vh"> {b.name}</span>
                  </Do>
                </div>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Person({
  v,
  m,
  open,
  set,
}: {
  v: View;
  m: Member;
  open: "chips" | "kick" | null;
  set: (what: "chips" | "kick" | null) => void;
}) {
  const seat = seatOf(v, m.userId);
  const me = m.userId === v.me.userId;
  const done = () => {
    set(null);
    void refresh();
  };
  return (
    <li>
      <div class="line">
        <span class="ava" style={{ "--h": String(hue(m.userId)) }} aria-hidden="true">
          {initials(m.name)}
        </span>
        <span class="pn">
          <b>
            {m.name}
            {me ? " (you)" : ""}
          </b>
          <small>
            {seat ? `Seat ${seat.index + 1} · ${fmt(seat.chips)}` : m.role === "spectator" ? "Watching" : "No seat"}
            {seat?.status === "sitting_out" ? " · sitting out" : ""}
            {m.online ? "" : " · away"}
          </small>
        </span>
        {seat && (
          <button
            type="button"
            class="btn small"
            aria-expanded={open === "chips"}
            aria-label={`Chips of ${m.name}`}
            onClick={() => set(open === "chips" ? null : "chips")}
          >
            Chips
          </button>
        )}
        {!me && (
          <button
            type="button"
            class="btn small danger"
            aria-expanded={open === "kick"}
            aria-label={`Remove ${m.name}`}
            onClick={() => set(open === "kick" ? null : "kick")}
          >
            Remove
          </button>
        )}
      </div>
      {open === "chips" && seat && <Chips v={v} m={m} chips={seat.chips} done={done} />}
      {open === "kick" && (
        <div class="confirm" role="group" aria-label={`Remove ${m.name}`}>
          <p>
            {seat?.inHand && handRuns(v) && !seat.folded
              ? `${m.name} folds this hand at once; the remaining chips are cashed out when it ends.`
              : seat
                ? `${m.name} loses the seat; the ${fmt(seat.chips)} chips are cashed out.`
                : `${m.name} has to leave the room.`}
          </p>
          <div class="rowd">
            <Do class="btn small danger" run={() => command("/kick", { userId: m.userId })} after={done}>
              Remove
            </Do>
            <Do class="btn small danger" run={() => command("/kick", { userId: m.userId, ban: true })} after={done}>
              Remove and block
            </Do>
            <button type="button" class="btn small" onClick={() => set(null)}>
              Back
            </button>
          </div>
        </div>
      )}
    </li>
  );
}

function Chips({ v, m, chips, done }: { v: View; m: Member; chips: number; done: () => void }) {
  const [delta, setDelta] = useState(v.settings.bigBlind * 50);
  const [reason, setReason] = useState("");
  const give = (sign: 1 | -1) =>
    command("/chips", { userId: m.userId, delta: sign * Math.abs(delta), ...(reason.trim() ? { reason: reason.trim() } : {}) });
  return (
    <div class="confirm" role="group" aria-label={`Chips of ${m.name}`}>
      <div class="grid2 tight">
        <label class="field">
          <span class="lab">Amount</span>
          <input
            type="number"
            inputMode="numeric"
            min={1}
            value={delta}
            onInput={(e) => setDelta(Math.max(0, Math.floor(Number(e.currentTarget.value))))}
          />
        </label>
        <label class="field">
          <span class="lab">Reason</span>
          <input type="text" maxLength={200} value={reason} onInput={(e) => setReason(e.currentTarget.value)} />
        </label>
      </div>
      <p class="hint">{handRuns(v) ? "Takes effect when this hand ends. " : ""}Every change is written down.</p>
      <div class="rowd">
        <Do class="btn small" disabled={delta <= 0} run={() => give(1)} after={done}>
          Give {fmt(delta)}
        </Do>
        <Do class="btn small danger" disabled={delta <= 0 || delta > chips} run={() => give(-1)} after={done}>
          Take {fmt(delta)}
        </Do>
      </div>
    </div>
  );
}
