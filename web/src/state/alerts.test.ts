import { expect, test } from "vitest";
import { alertOf, alertsAt, helloAt, iso } from "../testing/sample";
import { arranged, called, isOpen, withAlert } from "./alerts";
import { BLANK, reduce } from "./picture";

const NOW = Date.UTC(2026, 10, 19, 13, 12, 9);
const HOUR = 3_600_000;
const ids = (alerts: { id: string }[]) => alerts.map(({ id }) => id);

test("what nobody has seen comes first, the heaviest of it before all; then pending, then what is over", () => {
  expect(ids(arranged(alertsAt(NOW), NOW - HOUR))).toEqual(["al2", "al1", "al5", "al4", "al3"]);
});

test("what was over before today is not shown", () => {
  expect(ids(arranged(alertsAt(NOW), NOW - 60_000))).not.toContain("al3");
});

test("the newest word about an alert takes the place of the old one", () => {
  const [first] = alertsAt(NOW);
  const after = withAlert(alertsAt(NOW), { ...(first ?? expect.fail()), phase: "resolved", resolvedAt: iso(NOW) });
  expect(after).toHaveLength(5);
  expect(after[0]?.phase).toBe("resolved");
});

test("what was over before it fired leaves without a word", () => {
  const never = alertOf(NOW, { id: "al4", phase: "resolved", firedAt: null, resolvedAt: iso(NOW) });
  expect(ids(withAlert(alertsAt(NOW), never))).toEqual(["al1", "al2", "al3", "al5"]);
});

test("a page that stays open for weeks keeps a hundred", () => {
  let alerts = alertsAt(NOW);
  for (let i = 0; i < 300; i++) alerts = withAlert(alerts, alertOf(NOW, { id: `n${i}` }));
  expect(alerts).toHaveLength(100);
  expect(alerts[0]?.id).toBe("n299");
});

test("only what begins to fire calls, once, and not in quiet hours", () => {
  const pending = alertOf(NOW, { id: "x", phase: "pending", firedAt: null });
  const firing = alertOf(NOW, { id: "x" });
  expect(ids(called([], [pending]))).toEqual([]);
  expect(ids(called([pending], [firing]))).toEqual(["x"]);
  expect(called([firing], [{ ...firing, level: 0.9 }])).toEqual([]);
  expect(called([pending], [{ ...firing, quiet: true }])).toEqual([]);
  expect(called([pending], [{ ...firing, acknowledgedAt: iso(NOW) }])).toEqual([]);
  expect(isOpen(pending)).toBe(false);
});

test("a hello brings the alerts, frames change them", () => {
  const begun = reduce(BLANK, helloAt(NOW, { alerts: [alertOf(NOW, { id: "x" })] }));
  const frame = { seq: 101, at: iso(NOW), sentAt: iso(NOW) };
  const after = reduce(begun, { ...frame, type: "alert:raised", data: alertOf(NOW, { id: "y" }) });
  const over = alertOf(NOW, { id: "x", phase: "resolved", resolvedAt: iso(NOW) });
  const end = reduce(after, { ...frame, seq: 102, type: "alert:resolved", data: over });
  expect(end.alerts.map(({ id, phase }) => [id, phase])).toEqual([
    ["y", "firing"],
    ["x", "resolved"],
  ]);
});
