// Two tabs of one browser must not both play: the newest claims the room, the older steps back and offers "Use here".
import { uuid } from "./ids";

interface Claim {
  at: number;
  id: string;
}
export class TabClaim {
  readonly #channel: BroadcastChannel | null;
  readonly #id = uuid();
  #mine: Claim | null = null;

  /** `lost` is called when another tab has taken the room after us. */
  constructor(room: string, lost: () => void) {
    this.#channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(`holdfast.${room}`);
    this.#channel?.addEventListener("message", (e: MessageEvent<Claim>) => {
      if (!this.#mine) return;
      const newer = e.data.at > this.#mine.at || (e.data.at === this.#mine.at && e.data.id > this.#mine.id);
      if (newer) {
        this.#mine = null;
        lost();
      } else {
        this.#channel?.postMessage(this.#mine); // they are older but didn't know of us
      }
    });
  }
  claim(): void {
    this.#mine = { at: Date.now(), id: this.#id };
    this.#channel?.postMessage(this.#mine);
  }
  close(): void {
    this.#mine = null;
    this.#channel?.close();
  }
}
