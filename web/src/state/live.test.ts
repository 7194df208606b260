import { expect, test } from "vitest";
import type { Snapshot, Update } from "../api/frames.gen";
import { EMPTY, reduce } from "./live";

const snapshot: Snapshot = {
  block: null,
  burnRate: null,
  quota: null,
  forecast: null,
  bySession: {},
  tokens: { input: 1, output: 0, cacheWrite: 0, cacheRead: 0 },
};
const update: Update = { type: "update", seq: 3, events: [], snapshot };

test("a hello begins the picture anew", () => {
  const seen = { epoch: "old", seq: 9, snapshot: undefined };
  expect(reduce(seen, { type: "hello", epoch: "new", seq: 2, snapshot })).toEqual({ epoch: "new", seq: 2, snapshot });
});

test("a frame that is in the picture already changes nothing", () => {
  const once = reduce(EMPTY, update);
  expect(once.snapshot).toBe(snapshot);
  expect(reduce(once, { ...update, seq: 2 })).toBe(once);
});
