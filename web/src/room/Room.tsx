// One address per room; this decides which of its screens is shown.
import { retry, stage, view } from "../store/room";
import { lazy } from "../ui/lazy";
import { Page } from "../ui/parts";
import { Note } from "./Note";
import { TableScreen } from "./TableScreen";

const TextView = lazy(
  () => import("../text/main"),
  (m) => m.TextView,
);
const Door = lazy(
  () => import("./Door"),
  (m) => m.Door,
);

export function Room({ code, text }: { code: string; text: boolean }) {
  const s = stage.value;
  const v = view.value;
  switch (s.at) {
    case "table":
      return v ? text ? <TextView v={v} /> : <TableScreen v={v} /> : <Loading />;
    case "loading":
      return <Loading />;
    case "away":
      return (
        <Note title="Can't reach the server">
          <p>It may be restarting. Your seat and your chips are safe; this page goes on by itself.</p>
          <p class="busyline" role="status">
            <i class="spin" />
            Trying again…
          </p>
          <button type="button" class="btn" onClick={retry}>
            Try now
          </button>
        </Note>
      );
    default:
      return <Door code={code} s={s} />;
  }
}

const Loading = () => (
  <Page title="Holdfast">
    <div class="loading" role="status">
      <i class="spin" />
      <span class="vh">Loading the table</span>
    </div>
  </Page>
);
