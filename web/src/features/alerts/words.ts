import type { AlertShape, RuleShape } from "../../api/frames.gen";
import { duration, percent, time } from "../../lib/format";
import type { Tone } from "../../lib/tone";

export type Glyph = "error" | "warning" | "info" | "pending" | "over";

export interface Look {
  glyph: Glyph;
  word: string;
  tone: Tone;
}

const SEVERITIES: Record<AlertShape["severity"], Look> = {
  error: { glyph: "error", word: "Error", tone: "danger" },
  warning: { glyph: "warning", word: "Warning", tone: "warn" },
  info: { glyph: "info", word: "Note", tone: "info" },
};

/** An alert's glyph, word and tone: what fires by its weight, what waits or is over quietly. */
export function lookOf({ phase, severity }: Pick<AlertShape, "phase" | "severity">): Look {
  if (phase === "pending") return { glyph: "pending", word: "Pending", tone: "idle" };
  if (phase === "resolved") return { glyph: "over", word: "Over", tone: "idle" };
  return SEVERITIES[severity];
}

type Measure = RuleShape["measure"];

/** `84 %`, `62 % likely`, `18 min`, `4.2 times the usual`; nothing for a state, which is or is not. */
export function levelWords(measure: Measure, level: number | null): string {
  if (level === null) return "";
  if (measure === "share") return percent(level);
  if (measure === "probability") return `${percent(level)} likely`;
  if (measure === "milliseconds") return duration(level);
  if (measure === "ratio") return `${Number(level.toPrecision(2))} times the usual`;
  return "";
}

/** The same of a threshold: `80 %`, `40 %`, `2 min`, `2 times`. */
export function boundWords(measure: Measure, threshold: number): string {
  if (measure === "probability") return percent(threshold);
  return levelWords(measure, threshold).replace(" the usual", "");
}

/** `84 %, threshold 80 %`: where it stands, and what was allowed. What is over stands nowhere any more. */
export function valueWords({ phase, measure, level, threshold }: AlertShape): string {
  const [now, bound] = [phase === "resolved" ? "" : levelWords(measure, level), boundWords(measure, threshold)];
  if (bound === "") return "";
  return [now, `threshold ${bound}`].filter(Boolean).join(", ");
}

/** Whose it is, unless its title says so, and how far it went. */
export const whereWords = (alert: AlertShape, name: string | null | undefined): string =>
  [name && !alert.title.includes(name) ? name : "", valueWords(alert)].filter(Boolean).join(" · ");

/** `since 13:04`, `12:10 to 12:31`: when it was. */
export function whenWords({ since, resolvedAt }: AlertShape): string {
  const began = time(Date.parse(since));
  return resolvedAt === null ? `since ${began}` : `${began} to ${time(Date.parse(resolvedAt))}`;
}

export interface Scale {
  /** How many of the rule's own units one step of the field is. */
  unit: number;
  name: string;
  step: number;
}

const SCALES: Record<Exclude<Measure, "state">, Scale> = {
  share: { unit: 0.01, name: "%", step: 1 },
  probability: { unit: 0.01, name: "%", step: 1 },
  milliseconds: { unit: 60_000, name: "min", step: 0.5 },
  ratio: { unit: 1, name: "×", step: 0.1 },
};

/** In what a person writes the threshold of a rule, or null where there is none to write. */
export const scaleOf = (measure: Measure): Scale | null => (measure === "state" ? null : SCALES[measure]);

/** The number in the field; no digits that only come from halves of a byte. */
export const written = (threshold: number, { unit }: Scale): number => Number((threshold / unit).toPrecision(6));

/** The threshold that a field's text means, or null when it means none. */
export function meant(text: string, { unit }: Scale): number | null {
  const value = Number(text.replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) || value <= 0 ? null : Number((value * unit).toPrecision(12));
}

/** `clears below 75 %, after 1 min, set by you`: what else holds for a rule. */
export function termsOf({ measure, rises, clear, hold, origin }: RuleShape): string {
  const bound = boundWords(measure, clear);
  const parts = [
    bound && `clears ${rises ? "below" : "above"} ${bound}`,
    hold > 0 ? `after ${duration(hold)}` : "",
    { default: "", file: "from the settings file", person: "changed by you" }[origin],
  ];
  const words = parts.filter(Boolean).join(", ");
  return words === "" ? "At once" : words.charAt(0).toUpperCase() + words.slice(1);
}
