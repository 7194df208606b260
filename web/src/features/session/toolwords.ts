import type { StateShape } from "../../api/frames.gen";

const LONGEST = 26;

/** The end of a path that is too long for a row, whole folders at a time: `…/session/Lane.tsx`. */
export function shortTarget(target: string): string {
  if (target.length <= LONGEST || !target.includes("/")) return target;
  const parts = target.split("/");
  let kept = parts.pop() ?? target;
  for (let part = parts.pop(); part && `…/${part}/${kept}`.length <= LONGEST; part = parts.pop())
    kept = `${part}/${kept}`;
  return `…/${kept}`;
}

/** `Edit src/app.py`, `Bash pytest`; nothing where no tool is open. */
export function toolWords({
  tool,
  target,
}: Pick<StateShape, "tool" | "target">): { short: string; whole: string } | null {
  if (tool === null) return null;
  if (!target) return { short: tool, whole: tool };
  return { short: `${tool} ${shortTarget(target)}`, whole: `${tool} ${target}` };
}
