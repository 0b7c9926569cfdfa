// Keeps a growing list at its end, until its reader scrolls back.

/** What is needed of an element that scrolls. */
export interface Scroller {
  scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

/** Less than a line away from the end counts as the end. */
const END = 20;

/** Decides whether a list is kept at its end. New lines, and scrolling to them, only ever enlarge the distance to the end or
 * move down; so only a position above the last one at the end tells that the reader went back. A scroll event alone tells
 * nothing: the one of our own scrolling often arrives after the next lines. */
export class Follower {
  following = true;
  #end = 0;

  /** The list or its box has another size. */
  resized(list: Scroller): void {
    if (this.following) this.toEnd(list);
  }
  toEnd(list: Scroller): void {
    this.following = true;
    list.scrollTop = list.scrollHeight;
    this.#end = list.scrollTop;
  }
  scrolled(list: Scroller): void {
    if (list.clientHeight === 0) return; // hidden
    const top = list.scrollTop;
    if (list.scrollHeight - top - list.clientHeight < END) {
      this.following = true;
      this.#end = top;
    } else if (top < this.#end - END) this.following = false;
  }
}
