import { useKey } from "../../lib/keys";
import { openSession } from "../../state/opened";

const lanes = () => [...document.querySelectorAll<HTMLElement>("[data-session]")];
const focused = () => lanes().filter((lane) => lane.contains(document.activeElement));

function step(by: number): void {
  const all = lanes();
  const here = all.findIndex((lane) => lane.contains(document.activeElement));
  const next = here === -1 ? (by > 0 ? 0 : all.length - 1) : here + by;
  const lane = all[Math.min(Math.max(next, 0), all.length - 1)];
  lane?.focus();
}

/** `j` and `k` walk the lanes; `o` opens the one that has the focus; `x` folds the subagents of the lane that has the focus, or of all. */
export function useWalk(fold: (id: string) => void): void {
  useKey("j", () => step(1));
  useKey("k", () => step(-1));
  useKey("o", () => {
    const [lane] = focused();
    if (lane?.dataset.session) openSession(lane.dataset.session);
  });
  useKey("x", () => {
    const here = focused();
    for (const lane of here.length > 0 ? here : lanes()) fold(lane.dataset.session ?? "");
  });
}
