// One hand again, step by step, on the same table and through the same reducer as the live game.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { HandRecord } from "../api/rooms";
import type { ProofsResponse } from "../api/wire";
import { alertNow } from "../fx/announce";
import { words } from "../i18n/errors";
import { clockTime, fmt } from "../i18n/format";
import { lineOf } from "../i18n/log";
import { go } from "../store/router";
import type { View } from "../store/view";
import { Log } from "../table/Log";
import { Table } from "../table/Table";
import { Icon } from "../ui/icons";
import { CopyButton, IconButton, Link, Page } from "../ui/parts";
import { toast } from "../ui/toast";
import { get } from "../net/http";
import { check, type Checked } from "./proof";
import { handNo, marks, replay, roomOf, type RoomOf } from "./load";

interface Props {
  code: string;
  hand: number;
  step: number | null;
}
export function ReplayPage(p: Props) {
  const [got, setGot] = useState<{ room: RoomOf; record: HandRecord } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let on = true;
    setProblem(null);
    (async () => {
      const room = await roomOf(p.code);
      const record = await handNo(room.id, p.hand);
      if (!on) return;
      if (record) setGot({ room, record });
      else setProblem("There is no such hand, or it is still being played.");
    })().catch((e: unknown) => on && setProblem(words(e)));
    return () => {
      on = false;
    };
  }, [p.code, p.hand]);
  if (problem || !got || got.record.hand.number !== p.hand) {
    return (
      <Page title={`Hand #${p.hand}`} back={`/r/${p.code}/history`}>
        {problem ? (
          <section class="panel narrow stackd">
            <h1>Hand #{p.hand}</h1>
            <p>{problem}</p>
            <Link to={`/r/${p.code}/history`} class="btn primary">
              All hands
            </Link>
          </section>
        ) : (
          <div class="loading" role="status">
            <span class="vh">Loading</span>
          </div>
        )}
      </Page>
    );
  }
  return <Player key={p.hand} {...p} room={got.room} record={got.record} />;
}

const SPEEDS = [1, 2, 4] as const;

function Player({ code, hand, step, room, record }: Props & { room: RoomOf; record: HandRecord }) {
  const { views, events } = useMemo(() => replay(record, room, code), [record]);
  const last = views.length - 1;
  const [at, setAt] = useState(() => Math.max(0, Math.min(last, step ?? 0)));
  const [playing, play] = useState(false);
  const [speed, setSpeed] = useState<(typeof SPEEDS)[number]>(1);
  const streets = useMemo(() => marks(events), [events]);
  const savePhh = async () => {
    try {
      const text = await get<string>(`/api/hands/${record.hand.id}/export?format=phh`, { file: true });
      download(`hand-${hand}.phh`, "application/toml", text);
    } catch (e) {
      toast(words(e), "error");
    }
  };
  const to = (n: number) => setAt(Math.max(0, Math.min(last, n)));
  const other = (n: number) => n > 0 && go(`/r/${code}/h/${n}`);
  const v = views[at];
  useEffect(() => {
    document.title = `Hand #${hand} · ${room.name}`;
  }, []);
  useEffect(() => {
    if (!playing) return;
    if (at >= last) return play(false);
    const t = setTimeout(() => to(at + 1), 1100 / speed);
    return () => clearTimeout(t);
  }, [playing, at, speed]);
  useEffect(() => {
    const on = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || (e.target as HTMLElement).matches("input")) return;
      const onButton = (e.target as HTMLElement).closest("button,a");
      const key = e.key;
      if (key === " " && onButton) return;
      if (key === " ") play((x) => !x);
      else if (key === "ArrowRight") setAt((n) => Math.min(last, n + 1));
      else if (key === "ArrowLeft") setAt((n) => Math.max(0, n - 1));
      else if (key === "Home") to(0);
      else if (key === "End") to(last);
      else if (key === "p" || key === "P") other(hand - 1);
      else if (key === "n" || key === "N") other(hand + 1);
      else if (/^[1-5]$/.test(key) && streets[Number(key) - 1]) to(streets[Number(key) - 1]!.at);
      else return;
      e.preventDefault();
    };
    addEventListener("keydown", on);
    return () => removeEventListener("keydown", on);
  }, [hand, last, streets]);
  useEffect(() => {
    const fresh = v?.log
      .filter((l) => l.seq === v.seq)
      .map((l) => lineOf(l))
      .map((l) => `${l.who} ${l.text}`.trim())
      .join(", ");
    if (fresh && !playing) alertNow(fresh);
  }, [at]);
  if (!v) return null;
  const end = views[last]!;
  return (
    <div class="app replay">
      <header class="top">
        <Link to={`/r/${code}/history`} class="icon" label="All hands">
          <Icon name="back" />
        </Link>
        <h1>Hand #{fmt(hand)}</h1>
        <span class="meta wide">{room.name}</span>
        <span class="meta">
          {fmt(record.hand.small_blind)} / {fmt(record.hand.big_blind)}
        </span>
        <span class="meta wide">{clockTime(record.hand.started_at)}</span>
        <span class="sp" />
        <IconButton icon="prev" label="The hand before (P)" onClick={() => other(hand - 1)} />
        <IconButton icon="next" label="The next hand (N)" onClick={() => other(hand + 1)} />
      </header>
      <main class="tablearea" id="main">
        <Table v={v} frozen={false} />
      </main>
      <section class="act player" aria-label="Replay">
        <div class="pbtns">
          <IconButton icon="first" label="To the start" onClick={() => to(0)} />
          <IconButton icon="prev" label="One step back" onClick={() => to(at - 1)} />
          <button
            type="button"
            class="btn primary"
            aria-label={playing ? "Pause" : "Play"}
            onClick={() => {
              if (at >= last) to(0);
              play(!playing);
            }}
          >
            <Icon name={playing ? "pause" : "play"} />
            <span>{playing ? "Pause" : "Play"}</span>
          </button>
          <IconButton icon="next" label="One step on" onClick={() => to(at + 1)} />
          <IconButton icon="last" label="To the end" onClick={() => to(last)} />
          <span class="sp" />
          <div class="speeds" role="group" aria-label="Speed">
            {SPEEDS.map((x) => (
              <button type="button" key={x} aria-pressed={speed === x} onClick={() => setSpeed(x)}>
                {x}×
              </button>
            ))}
          </div>
        </div>
        <div class="scrub">
          <div class="marks">
            {streets.map((m) => (
              <button
                type="button"
                key={m.at}
                class={at >= m.at ? "past" : ""}
                style={{ left: `${(m.at / Math.max(1, last)) * 100}%` }}
                aria-label={`To ${m.name}`}
                title={m.name}
                onClick={() => to(m.at)}
              >
                {m.letter}
              </button>
            ))}
          </div>
          <input
            type="range"
            aria-label="Step"
            aria-valuetext={`Step ${at + 1} of ${last + 1}`}
            min={0}
            max={last}
            value={at}
            style={{ "--p": `${(at / Math.max(1, last)) * 100}%` }}
            onInput={(e) => to(Number(e.currentTarget.value))}
          />
        </div>
        <div class="pbtns save">
          <CopyButton class="btn small" label="Copy link to this step" text={`${location.origin}/r/${code}/h/${hand}?s=${at}`} />
          <CopyButton class="btn small" label="Copy as text" text={asText(end, hand)} />
          <button type="button" class="btn small" onClick={savePhh}>
            <Icon name="download" />
            PHH
          </button>
          <button
            type="button"
            class="btn small"
            onClick={() => download(`hand-${hand}.json`, "application/json", JSON.stringify(record, null, 2))}
          >
            <Icon name="download" />
            JSON
          </button>
          <DealCheck record={record} />
        </div>
      </section>
      <aside class="side" aria-label="What happened">
        <header>
          <h2>
            Step {at + 1} of {last + 1}
          </h2>
        </header>
        <Log v={v} live={false} />
      </aside>
    </div>
  );
}

/** Checks, here in the browser, that no card of this hand was changed after the deal. */
function DealCheck({ record }: { record: HandRecord }) {
  const [outcome, setOutcome] = useState<string | null>(null);
  const told = record.events.find((e) => e.type === "hand_started")?.commitment ?? null;
  if (!told) return null;
  const run = async () => {
    // Browsers hash for pages from https and from this machine only.
    if (!globalThis.crypto?.subtle) return setOutcome("This browser can check a deal only over https.");
    setOutcome(outcomeOf(await check(await get<ProofsResponse>(`/api/hands/${record.hand.id}/proofs`), told)));
  };
  return (
    <>
      <button type="button" class="btn small" onClick={() => run().catch((e: unknown) => setOutcome(words(e)))}>
        <Icon name="check" />
        Check the deal
      </button>
      <span role="status" class="hint">
        {outcome}
      </span>
    </>
  );
}
function outcomeOf(checked: Checked): string {
  if ("proved" in checked)
    return checked.proved === 0
      ? "You saw no card of this hand, so there is nothing to check."
      : `All ${checked.proved} cards that you saw were fixed before the hand was dealt.`;
  return checked.failed === "no_proof"
    ? "This hand has no proof."
    : "The proof does not fit: a card of this hand is not the one that was dealt.";
}

function asText(end: View, hand: number): string {
  const lines = end.log.map((l) => {
    const { who, text } = lineOf(l);
    return l.kind === "street"
      ? `-- ${text}: ${l.boards.map((cards) => cards.map((c) => c.replace("_", " ")).join(", ")).join(" | ")}`
      : `${who} ${text}`.trim();
  });
  return `${end.name}, hand #${hand}, ${end.settings.smallBlind}/${end.settings.bigBlind}\n${lines.slice(1).join("\n")}\n`;
}
function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const a = document.createElement("a");
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
