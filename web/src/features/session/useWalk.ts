import { useKey } from "../../lib/keys";

const lanes = () => [...document.querySelectorAll<HTMLElement>("[data-session]")];

function step(by: number): void {
  const all = lanes();
  const here = all.findIndex((lane) => lane.contains(document.activeElement));
  const next = here === -1 ? (by > 0 ? 0 : all.length - 1) : here + by;
  const lane = all[Math.min(Math.max(next, 0), all.length - 1)];
  lane?.focus();
}

/** `j` and `k` walk the lanes; `x` folds the subagents of the lane that has the focus, or of all. */
export function useWalk(fold: (id: string) => void): void {
  useKey("j", () => step(1));
  useKey("k", () => step(-1));
  useKey("x", () => {
    const focused = lanes().filter((lane) => lane.contains(document.activeElement));
    for (const lane of focused.length > 0 ? focused : lanes()) fold(lane.dataset.session ?? "");
  });
}
