// What this device likes. Kept in the browser only.
import "../kernel";
import { play } from "../fx/sound";
import { prefs, setPref } from "../store/settings";
import { PlayingCard } from "../table/Card";
import { Choice, Switch } from "../ui/forms";
import { cameFrom } from "../store/router";
import { Page } from "../ui/parts";

export const SettingsPage = () => (
  <Page title="Settings" back={cameFrom() ?? "/"}>
    <section class="panel settings stackd">
      <h1>Device settings</h1>
      <Preferences />
    </section>
  </Page>
);
/** The same over a table, which plays on below. */
export const PreferencesSheet = () => (
  <div class="settings stackd">
    <Preferences />
  </div>
);

function Preferences() {
  const p = prefs.value;
  return (
    <>
      <h2>The table</h2>
      <div class="sample" aria-hidden="true">
        <PlayingCard card="spades_A" />
        <PlayingCard card="hearts_K" />
        <PlayingCard card="diamonds_Q" />
        <PlayingCard card="clubs_J" />
        <PlayingCard card={null} />
      </div>
      <Choice
        label="Deck"
        value={p.deck}
        set={(v) => setPref("deck", v)}
        options={[
          ["four", "Four colours"],
          ["two", "Two colours"],
          ["high", "High separation"],
        ]}
      />
      <Choice
        label="Index size"
        value={p.figures}
        set={(v) => setPref("figures", v)}
        options={[
          ["normal", "Normal"],
          ["large", "Large"],
        ]}
      />
      <Choice
        label="Felt"
        value={p.felt}
        set={(v) => setPref("felt", v)}
        options={[
          ["emerald", "Emerald"],
          ["midnight", "Midnight"],
          ["claret", "Claret"],
          ["graphite", "Graphite"],
        ]}
      />
      <Choice
        label="Amounts"
        value={p.amounts}
        set={(v) => setPref("amounts", v)}
        options={[
          ["chips", "Chips"],
          ["bb", "Big blinds"],
        ]}
      />
      <Switch
        label="Show hand strength"
        hint="Shows what your cards make so far"
        on={p.handLabel}
        set={(v) => setPref("handLabel", v)}
      />
      <Switch
        label="Ask before an all-in call"
        hint="A bet that is all-in always asks"
        on={p.confirmCall}
        set={(v) => setPref("confirmCall", v)}
      />
      <Choice
        label="Pages around the table"
        value={p.theme}
        set={(v) => setPref("theme", v)}
        options={[
          ["dark", "Dark"],
          ["light", "Light"],
          ["system", "System"],
        ]}
      />
      <h2>Sound and motion</h2>
      <label class="field">
        <span class="lab">
          Volume <small>{Math.round(p.volume * 100)} %</small>
        </span>
        <input
          type="range"
          min={0}
          max={100}
          step={5}
          value={Math.round(p.volume * 100)}
          style={{ "--p": `${p.volume * 100}%` }}
          onInput={(e) => setPref("volume", Number(e.currentTarget.value) / 100)}
          onChange={() => play("turn")}
        />
      </label>
      <Switch label="Vibrate on my turn" on={p.vibrate} set={(v) => setPref("vibrate", v)} />
      <Choice
        label="Motion"
        value={p.motion}
        set={(v) => setPref("motion", v)}
        options={[
          ["system", "System"],
          ["full", "Full"],
          ["none", "None"],
        ]}
      />
      <h2>Keyboard and screen reader</h2>
      <Choice
        label="Single keys (F, C, R …)"
        value={p.keys}
        set={(v) => setPref("keys", v)}
        options={[
          ["on", "On"],
          ["alt", "With Alt"],
          ["off", "Off"],
        ]}
      />
      <Choice
        label="Screen-reader announcements"
        value={p.speech}
        set={(v) => setPref("speech", v)}
        options={[
          ["full", "Everything"],
          ["short", "Short"],
          ["off", "Only my turn"],
        ]}
      />
    </>
  );
}
