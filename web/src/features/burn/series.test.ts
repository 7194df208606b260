import { expect, test } from "vitest";
import { iso, tokensOf } from "../../testing/sample";
import { bins, sentence, stacked } from "./series";

const NOW = Date.UTC(2026, 10, 19, 12, 30, 20);
const MINUTE = 60_000;
const at = (ago: number) => iso(Math.floor(NOW / MINUTE) * MINUTE - ago * MINUTE);

test("sixty minutes end with this one, and missing ones are zero", () => {
  const hour = bins([{ at: at(2), tokens: tokensOf(1, 2, 3, 4) }], NOW);
  expect(hour).toHaveLength(60);
  expect(hour[57]?.tokens.total).toBe(10);
  expect(hour[59]?.tokens.total).toBe(0);
});

test("the tallest layer is drawn first and is the total", () => {
  const hour = bins([{ at: at(0), tokens: tokensOf(1, 2, 3, 4) }], NOW);
  expect(
    stacked(hour, false)
      .slice(1)
      .map((layer) => layer[59]),
  ).toEqual([10, 8, 7, 4]);
  expect(
    stacked(hour, true)
      .slice(1)
      .map((layer) => layer[59]),
  ).toEqual([6, 4, 3]);
});

test("the chart can be said in a sentence", () => {
  expect(sentence(bins([], NOW), false)).toBe("No tokens in the last hour.");
  expect(sentence(bins([{ at: at(0), tokens: tokensOf(0, 1_180, 0, 0) }], NOW), false)).toMatch(/^1\.18k tokens in/);
});
