// What to do when my turn comes. Lives in this page only; nothing leaves it before the turn is mine.
import { signal } from "@preact/signals";
import { act } from "./act";
import { view } from "./room";
import { myTurn, type View } from "./view";

export type Plan = { kind: "check_fold" | "check" | "fold" } | { kind: "call"; amount: number };
export const plan = signal<Plan | null>(null);

/** What I would have to call if it were my turn now. */
export function owed(v: View): number {
  const seat = v.me.seat === null ? null : v.seats[v.me.seat];
  if (!seat || !v.hand) return 0;
  return Math.min(seat.chips, Math.max(0, v.hand.currentBet - seat.bet));
}
export function canPlan(v: View): boolean {
  const seat = v.me.seat === null ? null : v.seats[v.me.seat];
  return !!seat && seat.inHand && !seat.folded && !seat.allIn && v.timer !== null && !myTurn(v) && v.gameStatus === "active";
}
export function toggle(next: Plan): void {
  const now = plan.peek();
  const v = view.peek();
  madeOn = v ? streetNow(v) : "";
  plan.value = now?.kind === next.kind ? null : next;
}

/** A plan is only as good as the price it was made for. */
function stillGood(p: Plan, v: View): boolean {
  if (p.kind === "call") return owed(v) === p.amount;
  if (p.kind === "check") return owed(v) === 0;
  return true;
}

/** The street that the plan was made on. */
let madeOn = "";
const streetNow = (v: View): string => `${v.hand?.id}.${v.hand?.board.length}`;
let due = "";

view.subscribe((v) => {
  const p = plan.peek();
  if (!p) return;
  if (!v || streetNow(v) !== madeOn || !stillGood(p, v) || (!canPlan(v) && !myTurn(v))) {
    plan.value = null;
    return;
  }
  const turn = v.timer?.turn;
  const key = `${v.gameId}.${turn}`;
  if (!myTurn(v) || due === key) return;
  due = key;
  setTimeout(
    () => {
      const now = view.peek();
      if (plan.peek() !== p || !now || !myTurn(now) || now.timer?.turn !== turn) return;
      plan.value = null;
      const free = owed(now) === 0;
      if (p.kind === "fold") void act("FOLD");
      else if (p.kind === "call") void act("CALL");
      else void act(free ? "CHECK" : "FOLD");
    },
    300 + Math.random() * 400,
  );
});
