// Hands that were played here.
import "../kernel";
import { useEffect, useState } from "preact/hooks";
import type { HandSummary } from "../api/rooms";
import { words } from "../i18n/errors";
import { clockTime, fmt, plural } from "../i18n/format";
import { session } from "../net/session";
import { Icon } from "../ui/icons";
import { Link, Page } from "../ui/parts";
import { hands, roomOf, type RoomOf } from "./load";

export { ReplayPage } from "./Replay";

const PAGE = 30;

export function HistoryPage({ code }: { code: string }) {
  const [room, setRoom] = useState<RoomOf | null>(null);
  const [list, setList] = useState<HandSummary[] | null>(null);
  const [more, setMore] = useState(false);
  const [won, setWon] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const me = session.value?.userId;
  const load = async (known: RoomOf, before: number | null, so: HandSummary[]) => {
    const page = (await hands(known.id, before, PAGE)).hands;
    setList([...so, ...page]);
    setMore(page.length === PAGE);
  };
  useEffect(() => {
    let on = true;
    setProblem(null);
    roomOf(code)
      .then((r) => {
        if (!on) return;
        setRoom(r);
        return load(r, null, []);
      })
      .catch((e: unknown) => on && setProblem(words(e)));
    return () => {
      on = false;
    };
  }, [code]);
  const older = () => {
    const last = list?.at(-1);
    if (room && list && last) load(room, last.handNumber, list).catch((e: unknown) => setProblem(words(e)));
  };
  const mine = list?.some((h) => h.winners.some((w) => w.userId === me)) ?? false;
  const shown = list?.filter((h) => !won || h.winners.some((w) => w.userId === me));
  return (
    <Page title={room ? `Hands of ${room.name}` : "Hands"} back={`/r/${code}`}>
      <section class="panel history">
        <header class="rowd">
          <h1>{room ? `Hands of ${room.name}` : "Hands"}</h1>
          <span class="sp" />
          {mine && (
            <button type="button" class="btn small" aria-pressed={won} onClick={() => setWon(!won)}>
              {won ? "Show all" : "Only those I won"}
            </button>
          )}
        </header>
        {problem && (
          <>
            <p class="problem" role="alert">
              {problem}
            </p>
            <p>
              <Link to="/" class="btn primary">
                To the lobby
              </Link>
            </p>
          </>
        )}
        {!list && !problem && (
          <div class="loading" role="status">
            <span class="vh">Loading</span>
          </div>
        )}
        {shown?.length === 0 && (
          <p class="hint">{won ? "None of these hands was yours." : "No hand has been finished here yet."}</p>
        )}
        {room && shown && shown.length > 0 && (
          <ul class="handlist">
            {shown.map((h) => (
              <li key={h.handId}>
                <Link to={`/r/${code}/h/${h.handNumber}`} class="handrow">
                  <b>#{fmt(h.handNumber)}</b>
                  <span class="hint">{clockTime(h.startedAt)}</span>
                  <span class="hw">{winners(h, room, me)}</span>
                  <span class="hpot">
                    <small>Pot </small>
                    {fmt(h.pot)}
                  </span>
                  <Icon name="next" />
                </Link>
              </li>
            ))}
          </ul>
        )}
        {more && (
          <button type="button" class="btn" onClick={older}>
            Older hands
          </button>
        )}
        {list && list.length > 0 && (
          <p class="hint">
            {plural(list.length, "hand", "hands")}. You see what you could see at the table: folded and mucked cards of others are
            never here.
          </p>
        )}
      </section>
    </Page>
  );
}

function winners(h: HandSummary, room: RoomOf, me: string | undefined): string {
  const sums = new Map<string, { name: string; amount: number; rank: string | null }>();
  for (const w of h.winners) {
    const old = sums.get(w.userId);
    const name = w.userId === me ? "You" : (room.names[w.userId] ?? `Seat ${w.seatIndex + 1}`);
    sums.set(w.userId, { name, amount: (old?.amount ?? 0) + w.amount, rank: w.handRank ?? old?.rank ?? null });
  }
  return [...sums.values()]
    .map((w) => `${w.name} +${fmt(w.amount)}${w.rank ? `, ${w.rank.charAt(0).toLowerCase()}${w.rank.slice(1)}` : ""}`)
    .join(" · ");
}
