import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pace } from "./pace";

let drawn = 0;
let pace: Pace;
let visible: DocumentVisibilityState = "visible";

beforeEach(() => {
  vi.useFakeTimers();
  [drawn, visible] = [0, "visible"];
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visible);
  pace = new Pace(() => {
    drawn += 1;
  });
});

afterEach(() => {
  pace.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const flood = (ms: number) => {
  for (let i = 0; i < ms; i += 2) {
    pace.want();
    vi.advanceTimersByTime(2);
  }
};

test("the first change is drawn in the next animation frame", () => {
  pace.want();
  vi.advanceTimersByTime(17);
  expect(drawn).toBe(1);
});

test("five hundred changes a second are drawn at most ten times", () => {
  flood(1_000);
  expect(drawn).toBeGreaterThanOrEqual(8);
  expect(drawn).toBeLessThanOrEqual(10);
});

test("a hidden tab does not draw, and draws once when it is seen again", () => {
  visible = "hidden";
  flood(1_000);
  expect(drawn).toBe(0);
  visible = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  vi.advanceTimersByTime(200);
  expect(drawn).toBe(1);
});

test("a page that was too slow draws half as often", () => {
  pace.slow();
  flood(1_000);
  expect(drawn).toBeLessThanOrEqual(5);
});
