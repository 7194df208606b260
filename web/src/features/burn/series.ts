import type { MinuteShape, TokensShape } from "../../api/frames.gen";
import { CLASSES, type TokenClass } from "../../lib/classes";
import { time, tokens } from "../../lib/format";

const MINUTE = 60_000;
const MINUTES = 60;
const NOTHING: TokensShape = { input: 0, output: 0, cacheCreation: 0, cacheRead: 0, total: 0 };

export interface Bin {
  at: number;
  tokens: TokensShape;
}

/** One bin for each of the sixty minutes that end with the minute of `now`, oldest first. */
export function bins(minutes: readonly MinuteShape[], now: number): Bin[] {
  const known = new Map(minutes.map((minute) => [Math.floor(Date.parse(minute.at) / MINUTE), minute.tokens]));
  const last = Math.floor(now / MINUTE);
  return Array.from({ length: MINUTES }, (_, i) => {
    const minute = last - MINUTES + 1 + i;
    return { at: minute * MINUTE, tokens: known.get(minute) ?? NOTHING };
  });
}

export const shownClasses = (fresh: boolean) => CLASSES.filter(({ key }) => !fresh || key !== "cacheRead");

const height = (of: TokensShape, keys: readonly TokenClass[]) => keys.reduce((sum, key) => sum + of[key], 0);

/** What uPlot draws: the minutes in seconds, then each class on top of those below it, the tallest first. */
export function stacked(from: readonly Bin[], fresh: boolean): number[][] {
  const keys = shownClasses(fresh).map(({ key }) => key);
  const layers = keys.map((_, top) => {
    const below = keys.slice(0, keys.length - top);
    return from.map((bin) => height(bin.tokens, below));
  });
  return [from.map((bin) => bin.at / 1000), ...layers];
}

/** The chart in one sentence, for those who do not see it. */
export function sentence(from: readonly Bin[], fresh: boolean): string {
  const keys = shownClasses(fresh).map(({ key }) => key);
  const heights = from.map((bin) => height(bin.tokens, keys));
  const sum = heights.reduce((a, b) => a + b, 0);
  if (sum === 0) return "No tokens in the last hour.";
  const peak = Math.max(...heights);
  const at = from[heights.indexOf(peak)]?.at ?? 0;
  const what = fresh ? "tokens without cache reads" : "tokens";
  return `${tokens(sum)} ${what} in the last hour; the most in one minute was ${tokens(peak)}, at ${time(at)}.`;
}
