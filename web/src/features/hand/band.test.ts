import { expect, test } from "vitest";
import { bandOf } from "./band";

const budget = { tokens: 1_000, costUsd: 10, usedShare: 0.4 };
const basis = { method: "analog-replay" as const, windows: 9, effective: 9, priorShare: 0, learning: false };
const quiet = { overrunProbability: null, limitAt: null, basis };
const tokens = { expected: 800, low: 600, high: 1_200 };
const costUsd = { expected: 9, low: 5, high: 11 };

test("the band is that of the bound that is nearer", () => {
  expect(bandOf(budget, { ...quiet, tokens, costUsd })).toEqual({ expected: 0.9, low: 0.5, high: 1.1 });
  expect(bandOf(budget, { ...quiet, tokens, costUsd: null })).toEqual({ expected: 0.8, low: 0.6, high: 1.2 });
  expect(bandOf({ ...budget, costUsd: null }, { ...quiet, tokens, costUsd })?.expected).toBe(0.8);
});

test("without a forecast there is no band", () => {
  expect(bandOf(budget, null)).toBeNull();
  expect(bandOf({ ...budget, tokens: null, costUsd: null }, { ...quiet, tokens, costUsd })).toBeNull();
});
