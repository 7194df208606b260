/** Limits in words (page.md §4.4). A share is of 1; the server speaks in percent. */
import type { QuotaBasisShape, QuotaWindowShape } from "../../api/frames.gen";
import { agoPhrase, countdown, date, money, percent, plural, tokens } from "../../lib/format";
import { shareOf, toneOf } from "../../lib/limits";

const NEWS = 0.1;
/** So many times one's own habit is no percentage any more. */
const MANY = 10;
/** Points beside an even pace that are worth a word. */
const POINTS = 2;
const OLD = 10 * 60_000;
const NAMES: Record<string, string> = { five_hour: "5 hours", seven_day: "Week" };

/** `5 hours`, `Week`, `Week, opus`; a window that has no name here has its own. */
export function nameOf({ name }: Pick<QuotaWindowShape, "name">): string {
  const [known, rest] = name.startsWith("seven_day_") ? ["seven_day", name.slice(10)] : [name, ""];
  const plain = NAMES[known] ?? known.replaceAll("_", " ");
  return rest ? `${plain}, ${rest.replaceAll("_", " ")}` : plain;
}

/** `68 %`, `~54 %`, `84 % high`, `97 % critical`. */
export function percentWords(window: QuotaWindowShape): string {
  const said = percent(window.usedPercentage === null ? null : shareOf(window));
  if (window.source === "estimated")
    return shareOf(window) < MANY ? `~${said}` : `~${Math.round(shareOf(window))}\u00a0×`;
  const word = { danger: " critical", warn: " high" }[toneOf(window) as string] ?? "";
  return said + word;
}

export const isOld = ({ asOf }: QuotaWindowShape, now: number): boolean =>
  asOf !== null && now - Date.parse(asOf) > OLD;

export const ageWords = ({ asOf }: QuotaWindowShape, now: number): string =>
  asOf === null ? "" : agoPhrase(Math.min(Date.parse(asOf), now), now);

/** `resets 14:50, in 1:37:51`. */
export function resetWords({ resetsAt }: QuotaWindowShape, now: number): string {
  if (resetsAt === null) return "";
  const at = Date.parse(resetsAt);
  return at <= now ? "resetting" : `resets ${date(at, now)}, in ${leftWords(at - now)}`;
}

const leftWords = (left: number): string =>
  left < 86_400_000
    ? countdown(left)
    : `${Math.floor(left / 86_400_000)} d ${Math.floor((left % 86_400_000) / 3_600_000)} h`;

/** What is to be said of it, the most pressing thing alone. */
export function sentence(window: QuotaWindowShape, now: number): string {
  const { usedPercentage, overrunProbability: likely, runsOutAt, basis, resetsAt, source } = window;
  if (usedPercentage !== null && usedPercentage >= 100 && source !== "estimated") {
    return resetsAt === null ? "Limit reached" : `Limit reached, resets ${date(Date.parse(resetsAt), now)}`;
  }
  if (likely !== null && likely >= NEWS)
    return `${percent(likely)} chance to run out${whenWords(runsOutAt, resetsAt, now)}`;
  if (likely !== null) return "Lasts until it resets";
  return (basis ? basisWords(basis) : "") || paceWords(window);
}

/** `, about 14:10, 40 min before the reset`. */
function whenWords(runsOutAt: string | null, resetsAt: string | null, now: number): string {
  if (runsOutAt === null) return "";
  const at = Date.parse(runsOutAt);
  const early = resetsAt === null ? 0 : Math.round((Date.parse(resetsAt) - at) / 60_000);
  const before = early > 0 && early < 600 ? `, ${early}\u00a0min before the reset` : "";
  return `, about ${date(at, now)}${before}`;
}

/** `9 points ahead of an even pace`. */
function paceWords({ usedPercentage, pace }: QuotaWindowShape): string {
  if (usedPercentage === null || pace === null) return "";
  const points = Math.round(usedPercentage - pace.expectedPercentage);
  if (Math.abs(points) < POINTS) return "At an even pace";
  return `${plural(Math.abs(points), "point")} ${points > 0 ? "ahead of" : "behind"} an even pace`;
}

/** What an estimate is a share of: one's own habit, and no limit. */
function basisWords({ unit, usual, windows }: QuotaBasisShape): string {
  const amount = unit === "costUsd" ? money(usual) : `${tokens(Math.round(usual))} tokens`;
  return `of ${amount}, which nine of ten of your ${plural(windows, "window")} stayed below; no limit is known`;
}

/** Where it leads, as a tooltip says it. */
export function leadsTo({ endPercentage: end }: QuotaWindowShape): string {
  if (end === null) return "";
  const [expected, low, high] = [end.expected, end.low, end.high].map((value) => percent(value / 100));
  return `${expected} expected at the end (${low} to ${high}). Four of five windows like this one end in this range.`;
}
