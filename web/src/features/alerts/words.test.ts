import { expect, test } from "vitest";
import { alertOf, iso, ruleOf } from "../../testing/sample";
import { backOf } from "./rules";
import { previewWords } from "./usePreview";
import { levelWords, lookOf, meant, scaleOf, termsOf, valueWords, whenWords, whereWords, written } from "./words";

const NOW = Date.UTC(2026, 10, 19, 13, 12, 9);
const plain = (text: string) => text.replace(/\u00a0/g, " ");

test("a level is said in what its rule measures", () => {
  expect(plain(levelWords("share", 0.84))).toBe("84 %");
  expect(plain(levelWords("probability", 0.62))).toBe("62 % likely");
  expect(plain(levelWords("milliseconds", 18 * 60_000))).toBe("18 min");
  expect(levelWords("ratio", 4.231)).toBe("4.2 times the usual");
  expect(levelWords("state", 1)).toBe("");
  expect(levelWords("share", null)).toBe("");
});

test("a value stands beside its threshold, and alone is the threshold when the value is not known", () => {
  expect(plain(valueWords(alertOf(NOW, { id: "x" })))).toBe("84 %, threshold 80 %");
  expect(plain(valueWords(alertOf(NOW, { id: "x", level: null })))).toBe("threshold 80 %");
  const fast = alertOf(NOW, { id: "x", measure: "ratio", level: 4.2, threshold: 3 });
  expect(valueWords(fast)).toBe("4.2 times the usual, threshold 3 times");
  const likely = alertOf(NOW, { id: "x", measure: "probability", level: 0.62, threshold: 0.4 });
  expect(plain(valueWords(likely))).toBe("62 % likely, threshold 40 %");
  expect(valueWords(alertOf(NOW, { id: "x", measure: "state" }))).toBe("");
  const over = alertOf(NOW, { id: "x", phase: "resolved", measure: "milliseconds", level: 0, threshold: 120_000 });
  expect(plain(valueWords(over))).toBe("threshold 2 min");
});

test("a name that the title says already is not said again", () => {
  expect(plain(whereWords(alertOf(NOW, { id: "x" }), "Fix login"))).toBe("Fix login · 84 %, threshold 80 %");
  const titled = alertOf(NOW, { id: "x", title: "Fix login: 84% of the budget is used" });
  expect(plain(whereWords(titled, "Fix login"))).toBe("84 %, threshold 80 %");
  expect(plain(whereWords(titled, null))).toBe("84 %, threshold 80 %");
});

test("phase and severity have words and glyphs of their own, never colour alone", () => {
  expect(lookOf({ phase: "firing", severity: "error" })).toMatchObject({ word: "Error", glyph: "error" });
  expect(lookOf({ phase: "pending", severity: "error" })).toMatchObject({ word: "Pending", tone: "idle" });
  expect(lookOf({ phase: "resolved", severity: "info" })).toMatchObject({ word: "Over", tone: "idle" });
});

test("an end is told with its beginning", () => {
  expect(whenWords(alertOf(NOW, { id: "x" }))).toMatch(/^since \d\d:\d\d$/);
  expect(whenWords(alertOf(NOW, { id: "x", phase: "resolved", resolvedAt: iso(NOW) }))).toMatch(/^\S+ to \d\d:\d\d$/);
});

test("a threshold is written in a person's units, and read back without loss", () => {
  const share = scaleOf("share") ?? expect.fail();
  const minutes = scaleOf("milliseconds") ?? expect.fail();
  expect(written(0.57, share)).toBe(57);
  expect(meant("57", share)).toBe(0.57);
  expect(meant("2,5", minutes)).toBe(150_000);
  for (const nothing of ["", " ", "-1", "0", "abc", "1e999"]) expect(meant(nothing, share)).toBeNull();
  expect(scaleOf("state")).toBeNull();
});

test("the terms of a rule are one line", () => {
  expect(plain(termsOf(ruleOf({ id: "x", hold: 60_000, origin: "person" })))).toBe(
    "Clears below 75 %, after 1 min, changed by you",
  );
  const wait = ruleOf({ id: "x", measure: "milliseconds", rises: false, threshold: 60_000, clear: 120_000 });
  expect(plain(termsOf(wait))).toBe("Clears above 2 min");
  expect(termsOf(ruleOf({ id: "x", measure: "state" }))).toBe("At once");
});

test("a preview says how often, or why nobody can tell", () => {
  const said = { rule: "x", known: true, why: null, days: 7, count: 0, instants: [] };
  expect(previewWords(said)).toBe("Would not have fired in the last 7 days.");
  const at = iso(Date.now() - 3_600_000);
  expect(previewWords({ ...said, count: 1, instants: [at] })).toMatch(/^Would have fired once in .*, last \S+/);
  expect(previewWords({ ...said, count: 3, instants: [at] })).toContain("3 times");
  expect(previewWords({ ...said, known: false, why: "No history of the store." })).toBe("No history of the store.");
});

test("undo gives back what a person had said, else nobody's word", () => {
  expect(backOf(ruleOf({ id: "x", origin: "person" }), { threshold: 0.5 })).toEqual({ threshold: 0.8 });
  expect(backOf(ruleOf({ id: "x" }), { enabled: false })).toEqual({ enabled: null });
});
