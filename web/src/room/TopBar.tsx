import { fmt, plural, showCode } from "../i18n/format";
import { stateOfPlay } from "../i18n/play";
import { rtt } from "../net/clock";
import { connectionState } from "../store/room";
import type { View } from "../store/view";
import { CopyButton, IconButton, Link, Mark } from "../ui/parts";
import { inviteUrl, sheet } from "./sheet";

const CONNECTION = {
  connecting: "Connecting",
  live: "Live",
  slow: "Slow",
  reconnecting: "Reconnecting",
  catching_up: "Catching up",
  other_tab: "Other tab",
  off: "Off",
} as const;

export function TopBar({ v, onHost, hostOpen }: { v: View; onHost: () => void; hostOpen: boolean }) {
  const s = connectionState.value;
  const blinds = v.hand
    ? [v.hand.smallBlind, v.hand.bigBlind, v.hand.ante]
    : [v.settings.smallBlind, v.settings.bigBlind, v.settings.ante];
  const play = stateOfPlay(v);
  const next = v.hand && (v.settings.smallBlind !== v.hand.smallBlind || v.settings.bigBlind !== v.hand.bigBlind);
  return (
    <header class="top">
      <Link to="/" class="home" label="Lobby">
        <Mark />
      </Link>
      <h1>{v.name}</h1>
      <span class="meta">
        {blinds
          .slice(0, 2)
          .map((n) => fmt(n!))
          .join(" / ")}
        {blinds[2] ? ` (${fmt(blinds[2])})` : ""}
        {play && <span class="play">{play}</span>}
      </span>
      {next && (
        <span class="meta wide">
          next {fmt(v.settings.smallBlind)} / {fmt(v.settings.bigBlind)}
        </span>
      )}
      {v.handNumber > 0 && <span class="meta wide">Hand #{v.handNumber}</span>}
      <span class="wide">
        <CopyButton class="codebtn" text={inviteUrl(v)} label={showCode(v.code)} />
      </span>
      <span class="sp" />
      {v.spectatorCount > 0 && <span class="meta wide">{plural(v.spectatorCount, "spectator", "spectators")}</span>}
      <span class={`pill connection-${s}`}>
        <i />
        <span class="lw">{CONNECTION[s]}</span>
        {(s === "live" || s === "slow") && rtt.value !== null ? <span class="wide"> · {rtt.value} ms</span> : null}
      </span>
      {v.me.isHost && (
        <IconButton icon="crown" label="Host" wide badge={v.requests.length} onClick={onHost} expanded={hostOpen} />
      )}
      <IconButton icon="menu" label="Menu" onClick={() => (sheet.value = { kind: "menu" })} />
    </header>
  );
}
