import assert from "node:assert/strict";
import { test } from "node:test";
import { Follower } from "../src/table/follow";

/** A box of 200 px with lines of 24 px, which clamps like a browser. */
class Box {
  clientHeight = 200;
  #lines = 20;
  #top = 0;
  get scrollHeight(): number {
    return Math.max(this.clientHeight, this.#lines * 24);
  }
  get scrollTop(): number {
    return Math.min(this.#top, this.scrollHeight - this.clientHeight);
  }
  set scrollTop(to: number) {
    this.#top = Math.max(0, Math.min(to, this.scrollHeight - this.clientHeight));
  }
  add(lines: number): void {
    this.#lines += lines;
  }
  get atEnd(): boolean {
    return this.scrollTop === this.scrollHeight - this.clientHeight;
  }
}

test("our own scrolling is never taken for the reader's, however many lines came before its event", () => {
  const box = new Box();
  const f = new Follower();
  f.resized(box);
  for (let n = 0; n < 30; n++) {
    box.add(1);
    f.resized(box); // scrolls; the browser tells of it in the next frame
    box.add(1 + (n % 4)); // and lines come in between
    f.scrolled(box);
    f.resized(box);
    assert(f.following && box.atEnd);
  }
});
test("the reader who goes back is left there, and followed again from the end", () => {
  const box = new Box();
  const f = new Follower();
  f.resized(box);
  box.scrollTop -= 100;
  f.scrolled(box);
  assert(!f.following);
  const place = box.scrollTop;
  box.add(3);
  f.resized(box);
  assert.equal(box.scrollTop, place);
  box.scrollTop = box.scrollHeight;
  f.scrolled(box);
  assert(f.following);
});
test("going back in small steps is going back too", () => {
  const box = new Box();
  const f = new Follower();
  f.resized(box);
  for (let n = 0; n < 10; n++) {
    box.scrollTop -= 5;
    f.scrolled(box);
  }
  assert(!f.following);
  f.toEnd(box);
  assert(f.following && box.atEnd);
});
test("a list that is hidden for a while is at its end when it is shown", () => {
  const box = new Box();
  const f = new Follower();
  f.resized(box);
  box.clientHeight = 0;
  box.scrollTop = 0;
  f.scrolled(box);
  box.add(5);
  box.clientHeight = 200;
  f.resized(box);
  assert(f.following && box.atEnd);
});
