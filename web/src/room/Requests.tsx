// Somebody asks to join: a card for the host, answered with one key or one press, wherever the host is.
import { useEffect } from "preact/hooks";
import { fmt } from "../i18n/format";
import { words } from "../i18n/errors";
import { post } from "../net/http";
import { roomPath, view } from "../store/room";
import type { View } from "../store/view";
import { Icon } from "../ui/icons";
import { toast } from "../ui/toast";

const drop = (userId: string): void => {
  const v = view.peek();
  if (v) view.value = { ...v, requests: v.requests.filter((r) => r.userId !== userId) };
};
export async function answer(userId: string, letIn: boolean): Promise<string | null> {
  try {
    await (letIn ? post(roomPath("/approve"), { userId, approved: true }) : post(roomPath("/reject"), { userId }));
    drop(userId);
    return null;
  } catch (e) {
    return words(e);
  }
}
export async function answerFirst(letIn: boolean): Promise<void> {
  const first = view.peek()?.requests[0];
  if (!first) return;
  const problem = await answer(first.userId, letIn);
  if (problem) toast(problem, "error");
}

/** Alt+Shift+A lets the first one in, also while a field has the focus or single keys are off. */
function approveByKey(e: KeyboardEvent): void {
  if (!e.altKey || !e.shiftKey || e.ctrlKey || e.metaKey || e.repeat || e.code !== "KeyA" || !view.peek()?.requests.length)
    return;
  e.preventDefault();
  void answerFirst(true);
}

/** `hidden`: the host panel shows the same people; the key stays. */
export function Requests({ v, hidden = false }: { v: View; hidden?: boolean }) {
  useEffect(() => {
    addEventListener("keydown", approveByKey);
    return () => removeEventListener("keydown", approveByKey);
  }, []);
  const first = v.requests[0];
  if (hidden || !v.me.isHost || !first) return null;
  const more = v.requests.length - 1;
  return (
    <section class="requests" aria-label="Join requests">
      <p>
        <b>{first.name}</b> asks to join{more > 0 ? <span class="hint"> and {fmt(more)} more</span> : null}
      </p>
      <div>
        <button type="button" class="btn primary" aria-keyshortcuts="Alt+Shift+A" onClick={() => void answerFirst(true)}>
          <Icon name="check" />
          Let in<kbd aria-hidden="true">Y</kbd>
        </button>
        <button type="button" class="btn" onClick={() => void answerFirst(false)}>
          <Icon name="x" />
          Refuse<kbd aria-hidden="true">N</kbd>
        </button>
      </div>
    </section>
  );
}
