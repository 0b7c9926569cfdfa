// Table sounds. They never carry anything that isn't also on the screen.
import { prefs } from "../store/settings";
import type { Sound } from "./kit";

let ctx: AudioContext | null = null;
let out: GainNode;
let kit: typeof import("./kit") | null = null;

/** Browsers allow sound only after a gesture. */
export function armSound(): void {
  const start = () => {
    if (!ctx) {
      ctx = new AudioContext();
      out = ctx.createGain();
      out.connect(ctx.destination);
    }
    void ctx.resume().catch(() => {});
    if (!kit) void loadKit(ctx, out);
  };
  addEventListener("pointerdown", start);
  addEventListener("keydown", start);
}
async function loadKit(context: AudioContext, master: GainNode): Promise<void> {
  try {
    const loaded = await import("./kit");
    loaded.prepare(context, master);
    kit = loaded;
  } catch {
    // The next gesture tries again.
  }
}

export function play(name: Sound): void {
  const volume = prefs.peek().volume;
  if (!ctx || !kit || ctx.state !== "running" || volume === 0) return;
  out.gain.value = volume;
  kit.KIT[name](ctx.currentTime + 0.01);
}
