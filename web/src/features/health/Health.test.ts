import { expect, test } from "vitest";
import { worded } from "./Health";

test("advice is not told as trouble, and trouble is counted", () => {
  expect(worded("healthy", 0)).toBe("healthy");
  expect(worded("healthy", 4)).toBe("healthy, 4 hints");
  expect(worded("degraded", 1)).toBe("1 finding");
  expect(worded("unhealthy", 0)).toBe("unhealthy");
});
