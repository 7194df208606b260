/** Limits of the plan, as every part of the page reads them. */
import type { QuotaShape, QuotaWindowShape } from "../api/frames.gen";
import type { Tone } from "./tone";

const HIGH = 80;
const CRITICAL = 95;

/** The limit that somebody set, with what is used of it: an estimate is none. */
export const windowOf = (quota: QuotaShape | null, name: string): QuotaWindowShape | null =>
  quota?.windows.find((one) => one.name === name && one.source !== "estimated" && one.usedPercentage !== null) ?? null;

export const shareOf = ({ usedPercentage }: QuotaWindowShape): number => (usedPercentage ?? 0) / 100;

/** An estimate is no limit: it warns of nothing. */
export function toneOf({ usedPercentage, source }: QuotaWindowShape): Tone {
  if (source === "estimated") return "idle";
  const used = usedPercentage ?? 0;
  return used >= CRITICAL ? "danger" : used >= HIGH ? "warn" : "info";
}
