import { describe, expect, test } from "vitest";
import * as f from "./format";

const plain = (text: string) => text.replace(/\u00a0/g, " ");
const US = "en-US";

const table = <A extends unknown[]>(name: string, run: (...args: A) => string, rows: [A, string][]) =>
  describe(name, () => {
    test.each(rows)("%j reads %s", (args, expected) => expect(plain(run(...args))).toBe(expected));
  });

table("tokens", f.tokens, [
  [[null, US], "—"],
  [[0, US], "0"],
  [[847, US], "847"],
  [[999, US], "999"],
  [[1_000, US], "1.00k"],
  [[1_180, US], "1.18k"],
  [[12_345, US], "12.3k"],
  [[142_000, US], "142k"],
  [[999_499, US], "999k"],
  [[999_950, US], "1.00M"],
  [[2_314_992, US], "2.31M"],
  [[1_200_000_000, US], "1.20B"],
  [[2_314_992, "de-DE"], "2,31M"],
  [[1_180, "ja-JP"], "1.18k"],
]);

table("tokens, exact", f.tokensExact, [
  [[2_314_992, US], "2,314,992"],
  [[2_314_992, "de-DE"], "2.314.992"],
  [[2_314_992, "ja-JP"], "2,314,992"],
  [[null, US], "—"],
]);

table("money", f.money, [
  [[null, US], "—"],
  [[0, US], "$0.00"],
  [[0.004, US], "<$0.01"],
  [[0.42, US], "$0.42"],
  [[18.4, US], "$18.40"],
  [[99.994, US], "$99.99"],
  [[99.999, US], "$100"],
  [[812.4, US], "$812"],
  [[9_999, US], "$9,999"],
  [[12_400, US], "$12.4k"],
  [[18.4, "de-DE"], "$18,40"],
  [[812.4, "ja-JP"], "$812"],
]);

table("money, exact", f.moneyExact, [
  [[0.0103, US], "$0.0103"],
  [[0.0103, "de-DE"], "$0,0103"],
]);

table("lower bound", f.bound, [
  [["$3.20", true], "≥ $3.20"],
  [["$3.20", false], "$3.20"],
  [["<$0.01", true], "≥ $0.00"],
  [["—", true], "—"],
]);

table("percent", f.percent, [
  [[null, US], "—"],
  [[0, US], "0 %"],
  [[0.004, US], "<1 %"],
  [[0.42, US], "42 %"],
  [[1.04, US], "104 %"],
  [[28.5 / 100, US], "29 %"],
  [[101.5 / 100, US], "102 %"],
]);

table("tokens per minute", f.tokenRate, [
  [[1_183, US], "1,180"],
  [[84_321, US], "84,300"],
  [[999_400, US], "999,000"],
  [[999_600, US], "1.00M"],
  [[3_774_000, US], "3.77M"],
  [[12.34, US], "12.3"],
  [[0, US], "0"],
  [[0.4, US], "0"],
  [[1_183, "de-DE"], "1.180"],
]);

table("dollars per hour", f.moneyRate, [
  [[4.521, US], "$4.52"],
  [[12.34, US], "$12.3"],
  [[123.4, US], "$123"],
  [[0, US], "$0.00"],
  [[0.004, US], "<$0.01"],
]);

table("countdown", f.countdown, [
  [[9_667_000, "strip"], "2:41:07"],
  [[9_667_000, "ring"], "2:41"],
  [[725_000, "ring"], "12:05"],
  [[725_000, "strip"], "12:05"],
  [[500, "strip"], "00:01"],
  [[0, "strip"], "resetting"],
  [[-59_000, "strip"], "resetting"],
  [[-60_000, "strip"], "—"],
]);

table("duration", f.duration, [
  [[null, US], "—"],
  [[41, US], "41 ms"],
  [[8_400, US], "8.4 s"],
  [[59_960, US], "1 min"],
  [[720_000, US], "12 min"],
  [[9_660_000, US], "2 h 41 min"],
  [[273_600_000, US], "3 d 4 h"],
]);

table("elapsed state", f.elapsed, [
  [[190_000], "3:10"],
  [[0], "0:00"],
  [[-5], "0:00"],
  [[1_080_000], "18 min"],
  [[9_660_000], "2 h 41 min"],
]);

const NOON = Date.UTC(2026, 10, 19, 12, 0, 0);
table("ago", f.ago, [
  [[NOON - 4_000, NOON, US], "now"],
  [[NOON - 12_000, NOON, US], "12 s"],
  [[NOON - 180_000, NOON, US], "3 min"],
  [[NOON - 7_200_000, NOON, US], "2 h"],
]);

table("date", f.date, [
  [[NOON - 3_600_000, NOON, "en-GB", "UTC"], "11:00"],
  [[NOON - 2 * 86_400_000, NOON, "en-GB", "UTC"], "Tue 12:00"],
  [[Date.UTC(2026, 10, 3, 9), NOON, "en-GB", "UTC"], "3 Nov"],
  [[Date.UTC(2025, 10, 3, 9), NOON, "en-GB", "UTC"], "3 Nov 2025"],
]);

table("time", f.time, [
  [[NOON, "en-US", "UTC"], "12:00"],
  [[NOON, "de-DE", "UTC"], "12:00"],
]);
table("time with seconds", f.timeSeconds, [[[NOON + 9_000, "en-US", "UTC"], "12:00:09"]]);

table("zone", f.zone, [
  [["Europe/Berlin", "UTC"], "Berlin"],
  [["America/New_York", "UTC"], "New York"],
  [["UTC", "UTC"], ""],
]);

table("model", f.model, [
  [[null], "—"],
  [["claude-opus-4-8-20260801"], "opus-4-8"],
  [["claude-sonnet-5"], "sonnet-5"],
  [["claude-opus-4-8[1m]"], "opus-4-8"],
  [["us.anthropic.claude-sonnet-5-20260101-v1:0"], "sonnet-5"],
  [["anthropic/claude-haiku-4-5@20251001"], "haiku-4-5"],
  [["gpt-6"], "gpt-6"],
]);

table("difference", f.moneyDifference, [
  [[3.1, 2, US], "$1.10 more"],
  [[2, 2.4, US], "$0.40 less"],
  [[2, 2, US], "same"],
]);
table("difference of counts", f.countDifference, [
  [[82, 100, US], "18 % fewer"],
  [[104, 100, US], "4 % more"],
  [[5, 5, US], "same"],
  [[5, 0, US], "—"],
]);
