import type { BlockShape } from "../../api/frames.gen";

/** The share of the window that lies behind `now`, 0..1. */
export function passed(block: BlockShape, now: number): number {
  const [start, end] = [Date.parse(block.startAt), Date.parse(block.endAt)];
  return Math.min(1, Math.max(0, (now - start) / (end - start)));
}
