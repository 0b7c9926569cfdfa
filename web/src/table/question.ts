// The question how often to run it, in words.
import { TIMES } from "../i18n/log";
import { serverNow } from "../net/clock";
import type { QuestionView } from "../store/view";

/** By the server's clock; null while it stands. */
export const secondsLeft = (q: QuestionView): number | null =>
  q.expiresAt === null ? null : Math.max(0, Math.ceil((q.expiresAt - serverNow()) / 1000));
/** "Run it once, twice or three times? The fewest that somebody wants are run. You have 9 seconds." */
export function questionWords(q: QuestionView): string {
  const choices = Array.from({ length: q.maxRuns }, (_, i) => TIMES[i + 1]!);
  const left = secondsLeft(q);
  const time = left === null ? "" : ` You have ${left} seconds.`;
  return `All-in. Run it ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}? The smallest answer counts.${time}`;
}
