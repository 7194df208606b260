/** How far the server's clock is ahead of this one, from the round trips of `ping`. */
export interface Offsets {
  seen: number[];
  value: number;
}

export const NO_OFFSET: Offsets = { seen: [], value: 0 };
const KEPT = 5;

/** A ping sent at `sent` was answered at `now`, and the server's clock showed `server` in between. */
export function measured(offsets: Offsets, sent: number, now: number, server: number): Offsets {
  const seen = [...offsets.seen, server - (sent + now) / 2].slice(-KEPT);
  return { seen, value: median(seen) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
