import type { ContextShape } from "../../api/frames.gen";
import { agoPhrase, plural, tokens } from "../../lib/format";
import type { Tone } from "../../lib/tone";

const TONES: Record<ContextShape["level"], Tone> = {
  healthy: "info",
  warning: "warn",
  danger: "danger",
  critical: "danger",
};

export const toneOf = ({ level }: ContextShape): Tone => TONES[level] ?? "info";

/** `142k of 200k`, and whether the size of the window is only assumed. */
export const sizeWords = ({ used, limit, assumed }: ContextShape): string =>
  `${tokens(used)} of ${tokens(limit)}${assumed ? " assumed" : ""}`;

/** What is further away than that is no news in a row. */
const SOON = 100;

/** `compacts in ~31 turns`; nothing where that cannot be told, or is far away. */
export function turnsWords({ turns, compactsAt, used }: ContextShape): string {
  if ((compactsAt !== null && used >= compactsAt) || turns?.expected === 0) return "compacts next turn";
  return turns === null || turns.expected > SOON ? "" : `compacts in ~${plural(turns.expected, "turn")}`;
}

/** All that is known of it, in sentences: for a tooltip. */
export function contextStory(context: ContextShape, now: number): string {
  const { turns, compactsAt, compactsBy, untilCompaction, asOf, advice, limitSource } = context;
  const high = turns?.high == null ? "or more" : `to ${turns.high}`;
  return [
    compactsAt === null
      ? "It is not compacted by itself."
      : `${tokens(untilCompaction)} until it is compacted at ${tokens(compactsAt)} (${compactsBy ?? "estimated"}).`,
    turns === null ? "" : `${turns.low} ${high} turns, each adding about ${tokens(turns.growth)}.`,
    `The size of the window is ${limitSource}.`,
    asOf === null ? "" : `As of ${agoPhrase(Date.parse(asOf), now)}.`,
    advice ?? "",
  ]
    .filter(Boolean)
    .join(" ");
}
