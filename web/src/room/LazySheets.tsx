import { lazy } from "../ui/lazy";
import { Dialog } from "../ui/parts";
import type { View } from "../store/view";
import { closeSheet, sheet } from "./sheet";

const Opened = lazy(
  () => import("./sheets"),
  (m) => m.Sheets,
  (inside) => (
    <Dialog title="One moment" onClose={closeSheet}>
      {inside}
    </Dialog>
  ),
);

export const Sheets = ({ v }: { v: View }) => (sheet.value ? <Opened v={v} /> : null);
