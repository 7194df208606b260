import { expect, test } from "vitest";
import { iso, timerAt } from "../../testing/sample";
import { remaining, spent, standing, toneOf } from "./standing";

const NOW = Date.UTC(2026, 10, 19, 13, 12, 9);
const HOUR = 3_600_000;

test("what is left is the way to the end, to the millisecond, however late the frame is", () => {
  const timer = timerAt(NOW, HOUR);
  for (const later of [0, 1, 999, HOUR / 2]) expect(remaining(timer, NOW + later)).toBe(HOUR - later);
  expect(remaining(timer, NOW + 2 * HOUR)).toBe(0);
  expect(remaining(timer, NOW - 9 * HOUR)).toBe(timer.durationMs);
});

test("a paused timer and one that is over stand still", () => {
  for (const state of ["paused", "completed"] as const) {
    const timer = timerAt(NOW, HOUR, { state, endsAt: null });
    expect(remaining(timer, NOW + 5 * HOUR)).toBe(HOUR);
    expect(standing(timer, NOW + 5 * HOUR)).toBe(state);
    expect(toneOf(state)).toBe("idle");
  }
});

test("time that is up is said at once", () => {
  const timer = timerAt(NOW, HOUR);
  expect(standing(timer, NOW)).toBe("running");
  expect(standing(timer, Date.parse(timer.endsAt ?? iso(0)))).toBe("time is up");
  expect(standing(timerAt(NOW, 0, { state: "expired", endsAt: null }), NOW)).toBe("time is up");
});

test("a budget warns before it is gone", () => {
  expect([0, 0.79, 0.8, 0.95, 1.4].map(spent)).toEqual(["ok", "ok", "warn", "danger", "danger"]);
});
