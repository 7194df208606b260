import { expect, test } from "vitest";
import type { QuotaWindowShape } from "../../api/frames.gen";
import { toneOf, windowOf } from "../../lib/limits";
import { estimatedQuotaAt, iso, quotaAt } from "../../testing/sample";
import { ageWords, isOld, nameOf, percentWords, resetWords, sentence } from "./words";

const NOW = Date.UTC(2026, 10, 19, 13, 12, 9);
const plain = (text: string) => text.replace(/\u00a0/g, " ");
const week = (over: Partial<QuotaWindowShape> = {}): QuotaWindowShape => {
  const window = quotaAt(NOW).windows[1] ?? expect.fail();
  return { ...window, ...over };
};

test("a window has its name", () => {
  expect(["five_hour", "seven_day", "seven_day_opus", "other_one"].map((name) => nameOf({ name }))).toEqual([
    "5 hours",
    "Week",
    "Week, opus",
    "other one",
  ]);
});

test("the word changes with the colour", () => {
  const said = [12, 79, 80, 95, 104].map((usedPercentage) => plain(percentWords(week({ usedPercentage }))));
  expect(said).toEqual(["12 %", "79 %", "80 % high", "95 % critical", "104 % critical"]);
});

test("an estimate is marked, warns of nothing, and is no limit", () => {
  const quota = estimatedQuotaAt(NOW);
  const window = { ...(quota.windows[0] ?? expect.fail()), usedPercentage: 130 };
  expect(plain(percentWords(window))).toBe("~130 %");
  expect(plain(percentWords({ ...window, usedPercentage: 5_289 }))).toBe("~53 ×");
  expect(toneOf(window)).toBe("idle");
  expect(windowOf(quota, "five_hour")).toBeNull();
  expect(sentence(window, NOW)).not.toContain("Limit reached");
});

test("the most pressing thing is said", () => {
  const at = iso(NOW + 60 * 60_000);
  const say = (over: Partial<QuotaWindowShape>) => plain(sentence(week({ resetsAt: at, ...over }), NOW));
  expect(say({ usedPercentage: 100, overrunProbability: 1 })).toMatch(/^Limit reached, resets \d\d:12$/);
  expect(say({ usedPercentage: 100, resetsAt: null })).toBe("Limit reached");
  expect(say({ overrunProbability: 0.42, runsOutAt: iso(NOW + 20 * 60_000) })).toMatch(
    /^42 % chance to run out, about \d\d:32, 40 min before the reset$/,
  );
  expect(say({ overrunProbability: 0.42, runsOutAt: null })).toBe("42 % chance to run out");
  expect(say({ overrunProbability: 0.05 })).toBe("Lasts until it resets");
  expect(say({ pace: { expectedPercentage: 53 } })).toBe("At an even pace");
  expect(say({ pace: { expectedPercentage: 60 } })).toBe("6 points behind an even pace");
  expect(say({ pace: null })).toBe("");
});

test("a reset is a time and what is left until then", () => {
  expect(plain(resetWords(week({ resetsAt: iso(NOW + 3_725_000) }), NOW))).toMatch(/^resets \d\d:14, in 1:02:05$/);
  expect(resetWords(week({ resetsAt: iso(NOW + 91 * 3_600_000) }), NOW)).toMatch(/, in 3 d 19 h$/);
  expect(resetWords(week({ resetsAt: iso(NOW - 1) }), NOW)).toBe("resetting");
  expect(resetWords(week({ resetsAt: null }), NOW)).toBe("");
});

test("age is told, and what is older than ten minutes is old", () => {
  expect(plain(ageWords(week(), NOW))).toBe("40 s ago");
  expect(ageWords(week({ asOf: iso(NOW + 5_000) }), NOW)).toBe("just now");
  expect(ageWords(week({ asOf: null }), NOW)).toBe("");
  expect([
    isOld(week(), NOW),
    isOld(week({ asOf: iso(NOW - 601_000) }), NOW),
    isOld(week({ asOf: null }), NOW),
  ]).toEqual([false, true, false]);
});
