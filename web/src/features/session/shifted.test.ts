import { expect, test } from "vitest";
import { shifted } from "./shifted";

const AT = 1_763_600_040_000;
const told = new Date(AT).toISOString();

test("a pulse stands while its minute lasts", () => {
  const pulse = [1, 2, 3];
  expect(shifted(pulse, told, AT + 59_999)).toBe(pulse);
  expect(shifted(pulse, told, AT - 5_000)).toBe(pulse);
});

test("every minute that passes moves it on, until nothing is left", () => {
  expect(shifted([1, 2, 3], told, AT + 60_000)).toEqual([2, 3, 0]);
  expect(shifted([1, 2, 3], told, AT + 2 * 60_000)).toEqual([3, 0, 0]);
  expect(shifted([1, 2, 3], told, AT + 90 * 60_000)).toEqual([0, 0, 0]);
});

test("a pulse of nothing need not move", () => {
  const pulse = [0, 0, 0];
  expect(shifted(pulse, null, AT)).toBe(pulse);
});
