/** Every figure of the page is written here (page.md §17). `locale` is the browser's unless a test names one. */

export const UNKNOWN = "—";
const NBSP = "\u00a0";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Locale = string | undefined;

const numbers = new Map<string, Intl.NumberFormat>();
function digits(locale: Locale, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale ?? ""}${JSON.stringify(options)}`;
  const known = numbers.get(key) ?? new Intl.NumberFormat(locale, options);
  numbers.set(key, known);
  return known;
}

const dates = new Map<string, Intl.DateTimeFormat>();
function calendar(locale: Locale, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale ?? ""}${JSON.stringify(options)}`;
  const known = dates.get(key) ?? new Intl.DateTimeFormat(locale, options);
  dates.set(key, known);
  return known;
}

const significant = (value: number, locale: Locale) =>
  digits(locale, { minimumSignificantDigits: 3, maximumSignificantDigits: 3 }).format(value);

const fixed = (value: number, places: number, locale: Locale) =>
  digits(locale, { minimumFractionDigits: places, maximumFractionDigits: places }).format(value);

const whole = (value: number, locale: Locale) => fixed(value, 0, locale);

/** `847`, `1.18k`, `142k`, `2.31M`, `1.20B`: exact below a thousand, then three significant digits. */
export function tokens(count: number | null, locale?: Locale): string {
  if (count === null) return UNKNOWN;
  if (count < 1000) return whole(count, locale);
  const rounded = Number(count.toPrecision(3));
  for (const [unit, suffix] of [
    [1e9, "B"],
    [1e6, "M"],
  ] as const) {
    if (rounded >= unit) return `${significant(rounded / unit, locale)}${suffix}`;
  }
  return `${significant(rounded / 1e3, locale)}k`;
}

export const tokensExact = (count: number | null, locale?: Locale): string =>
  count === null ? UNKNOWN : whole(count, locale);

/** `$0.42`, `$812`, `$12.4k`, `<$0.01`; `$0.00` only for zero. */
export function money(dollars: number | null, locale?: Locale): string {
  if (dollars === null) return UNKNOWN;
  if (dollars === 0) return `$${fixed(0, 2, locale)}`;
  if (dollars < 0.01) return `<$${fixed(0.01, 2, locale)}`;
  if (dollars < 99.995) return `$${fixed(dollars, 2, locale)}`;
  if (dollars < 9_999.5) return `$${whole(dollars, locale)}`;
  return `$${tokens(Math.round(dollars), locale)}`;
}

export const moneyExact = (dollars: number | null, locale?: Locale): string =>
  dollars === null ? UNKNOWN : `$${fixed(dollars, 4, locale)}`;

/** `≥ $3.20`: the figure is a lower bound, since a part of it is not known. */
export const bound = (figure: string, isBound: boolean): string =>
  isBound && figure !== UNKNOWN ? `≥${NBSP}${figure.replace("<$0.01", "$0.00")}` : figure;

/** `42 %`, `<1 %`, `104 %`; `share` is 0..1. */
export function percent(share: number | null, locale?: Locale): string {
  if (share === null) return UNKNOWN;
  const value = Number((share * 100).toFixed(6)); // 0.285 * 100 lies below 28.5
  if (value > 0 && value < 1) return `<1${NBSP}%`;
  return `${whole(value, locale)}${NBSP}%`;
}

/** `1,180 tok/min`, `3.77M`: three significant digits. */
export function tokenRate(perMinute: number | null, locale?: Locale): string {
  if (perMinute === null) return UNKNOWN;
  const rounded = perMinute < 1 ? Math.round(perMinute) : Number(perMinute.toPrecision(3));
  if (rounded >= 1e6) return tokens(rounded, locale);
  return digits(locale, { maximumFractionDigits: rounded < 100 ? 1 : 0 }).format(rounded);
}

/** `$4.52/h`: three significant digits. */
export function moneyRate(perHour: number | null, locale?: Locale): string {
  if (perHour === null) return UNKNOWN;
  if (perHour === 0) return `$${fixed(0, 2, locale)}`;
  if (perHour < 0.01) return `<$${fixed(0.01, 2, locale)}`;
  return perHour < 10 ? `$${fixed(perHour, 2, locale)}` : `$${significant(perHour, locale)}`;
}

const two = (value: number) => String(value).padStart(2, "0");

/** The time left: `2:41` (ring) or `2:41:07` (strip), `12:05` below an hour; `resetting` for a minute after the end. */
export function countdown(left: number, style: "ring" | "strip" = "strip"): string {
  if (left <= 0) return left > -MINUTE ? "resetting" : UNKNOWN;
  const seconds = Math.ceil(left / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (h === 0) return `${two(m)}:${two(s)}`;
  return style === "ring" ? `${h}:${two(m)}` : `${h}:${two(m)}:${two(s)}`;
}

/** `41 ms`, `8.4 s`, `12 min`, `2 h 41 min`, `3 d 4 h`. */
export function duration(ms: number | null, locale?: Locale): string {
  if (ms === null) return UNKNOWN;
  if (ms < 999.5) return `${Math.round(ms)}${NBSP}ms`;
  if (ms < 59_950) return `${digits(locale, { maximumFractionDigits: 1 }).format(ms / 1000)}${NBSP}s`;
  if (ms < HOUR) return `${Math.max(1, Math.floor(ms / MINUTE))}${NBSP}min`;
  const [days, hours] = [Math.floor(ms / DAY), Math.floor((ms % DAY) / HOUR)];
  if (days > 0) return `${days}${NBSP}d ${hours}${NBSP}h`;
  return `${hours}${NBSP}h ${Math.floor((ms % HOUR) / MINUTE)}${NBSP}min`;
}

/** How long a state lasts: `3:10` up to ten minutes, then `18 min`, then as a duration. */
export function elapsed(ms: number): string {
  if (ms >= 10 * MINUTE) return duration(ms);
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** `now`, `12 s`, `3 min`, `2 h`, then the date. */
export function ago(at: number, now: number, locale?: Locale): string {
  const ms = now - at;
  if (ms < 5000) return "now";
  if (ms < MINUTE) return `${Math.floor(ms / 1000)}${NBSP}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}${NBSP}min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}${NBSP}h`;
  return date(at, now, locale);
}

/** The same in a sentence: `just now`, `12 s ago`, `on 3 Nov`. */
export function agoPhrase(at: number, now: number, locale?: Locale): string {
  if (now - at >= DAY) return `on ${date(at, now, locale)}`;
  const words = ago(at, now, locale);
  return words === "now" ? "just now" : `${words} ago`;
}

export const time = (at: number, locale?: Locale, timeZone?: string): string =>
  calendar(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }).format(at);

export const timeSeconds = (at: number, locale?: Locale, timeZone?: string): string =>
  calendar(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone }).format(at);

/** Today the time alone, this week weekday and time, else `3 Nov`; with the year when it differs. */
export function date(at: number, now: number, locale?: Locale, timeZone?: string): string {
  const day = (moment: number) => calendar("en-CA", { dateStyle: "short", timeZone }).format(moment);
  if (day(at) === day(now)) return time(at, locale, timeZone);
  if (Math.abs(now - at) < 6 * DAY)
    return `${calendar(locale, { weekday: "short", timeZone }).format(at)} ${time(at, locale, timeZone)}`;
  const year = day(at).slice(0, 4) === day(now).slice(0, 4) ? undefined : "numeric";
  return calendar(locale, { day: "numeric", month: "short", year, timeZone }).format(at);
}

/** The zone's city when it is not the browser's own, else nothing. */
export function zone(name: string, own = Intl.DateTimeFormat().resolvedOptions().timeZone): string {
  return name === own || name === "" ? "" : (name.split("/").at(-1) ?? name).replaceAll("_", " ");
}

/** `opus-4-8`: without vendor, date, and gateway's decoration. */
export function model(name: string | null): string {
  if (!name) return UNKNOWN;
  return (
    name
      .replace(/^.*\//, "")
      .replace(/^(?:[a-z]{2,6}\.)?anthropic\./, "")
      .replace(/\[[^\]]*\]$/, "")
      .replace(/-v\d+(?::\d+)?$/, "")
      .replace(/[-@]20\d{6}$/, "")
      .replace(/^claude-/, "") || name
  );
}

export const shortId = (id: string): string => id.slice(0, 8);

/** `$1.10 more`, `$0.40 less`, `same`: the word carries the sign. */
export function moneyDifference(now: number, before: number, locale?: Locale): string {
  const difference = now - before;
  if (Math.abs(difference) < 0.005) return "same";
  return `${money(Math.abs(difference), locale)} ${difference > 0 ? "more" : "less"}`;
}

/** `18 % fewer`, `4 % more`, `same`. */
export function countDifference(now: number, before: number, locale?: Locale): string {
  if (before === 0 || Math.round(((now - before) / before) * 100) === 0) return now === before ? "same" : UNKNOWN;
  return `${percent(Math.abs(now - before) / before, locale)} ${now > before ? "more" : "fewer"}`;
}

/** `1 session`, `3 sessions`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${whole(count, undefined)} ${count === 1 ? one : many}`;
