// The sounds themselves, made by oscillators and filtered noise: no file, no licence. Loaded with the first gesture.

let ctx: AudioContext;
let out: GainNode;
let noise: AudioBuffer;

/** Two fifths of a second of noise, always the same. */
export function prepare(context: AudioContext, master: GainNode): void {
  ctx = context;
  out = master;
  noise = ctx.createBuffer(1, ctx.sampleRate * 0.4, ctx.sampleRate);
  const data = noise.getChannelData(0);
  let s = 22222;
  for (let i = 0; i < data.length; i++) {
    s = (s * 16807) % 2147483647;
    data[i] = s / 1073741823 - 1;
  }
}

function envelope(g: GainNode, t: number, attack: number, decay: number, v: number): void {
  g.gain.setValueAtTime(0, t);
  g.gain.linearRampToValueAtTime(v, t + attack);
  g.gain.exponentialRampToValueAtTime(0.0001, t + attack + decay);
}
function burst(t: number, f0: number, f1: number, q: number, attack: number, decay: number, v: number): void {
  const source = ctx.createBufferSource();
  const band = ctx.createBiquadFilter();
  const gain = ctx.createGain();
  source.buffer = noise;
  band.type = "bandpass";
  band.Q.value = q;
  band.frequency.setValueAtTime(f0, t);
  band.frequency.exponentialRampToValueAtTime(f1, t + attack + decay);
  envelope(gain, t, attack, decay, v);
  source.connect(band).connect(gain).connect(out);
  source.start(t, (t * 7.13) % 0.2, attack + decay + 0.05);
}
function tone(t: number, f: number, decay: number, v: number, type: OscillatorType = "sine"): void {
  const o = ctx.createOscillator();
  const g = ctx.createGain();
  o.type = type;
  o.frequency.value = f;
  envelope(g, t, 0.006, decay, v);
  o.connect(g).connect(out);
  o.start(t);
  o.stop(t + decay + 0.05);
}
export const KIT = {
  deal: (t: number) => burst(t, 900, 2800, 1.1, 0.012, 0.075, 0.55),
  flip: (t: number) => {
    burst(t, 2600, 1200, 1.4, 0.004, 0.06, 0.5);
    tone(t + 0.05, 190, 0.04, 0.12);
  },
  chips: (t: number) => {
    for (let i = 0; i < 3; i++) {
      const d = t + i * 0.034 + (i % 2) * 0.006;
      burst(d, 4300 + 350 * i, 3600, 7, 0.001, 0.026, 0.9);
      tone(d, 3350 + 420 * i, 0.03, 0.06);
    }
  },
  check: (t: number) => {
    for (const d of [0, 0.11]) {
      tone(t + d, 128, 0.055, 0.5);
      burst(t + d, 420, 260, 1, 0.001, 0.03, 0.35);
    }
  },
  fold: (t: number) => burst(t, 1500, 500, 0.9, 0.02, 0.14, 0.4),
  turn: (t: number) => {
    tone(t, 659.3, 0.12, 0.22);
    tone(t + 0.11, 880, 0.2, 0.22);
  },
  tick: (t: number) => tone(t, 1046, 0.03, 0.16, "triangle"),
  win: (t: number) => {
    for (const [i, f] of [523.3, 659.3, 784].entries()) tone(t + i * 0.08, f, 0.22, 0.18);
  },
  allin: (t: number) => {
    tone(t, 98, 0.4, 0.4);
    tone(t, 147, 0.35, 0.25);
    burst(t, 300, 1800, 0.8, 0.12, 0.25, 0.25);
  },
  request: (t: number) => {
    tone(t, 523.3, 0.09, 0.16);
    tone(t + 0.14, 523.3, 0.12, 0.16);
  },
};
export type Sound = keyof typeof KIT;
