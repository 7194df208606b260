import { expect, test } from "vitest";
import { contextOf } from "../../testing/sample";
import { contextStory, sizeWords, toneOf, turnsWords } from "./context";

const NOW = Date.UTC(2026, 10, 19, 13, 12, 9);
const plain = (text: string) => text.replace(/\u00a0/g, " ");

test("a context says how much of what, and when it is compacted", () => {
  const context = contextOf(NOW, 142_000, { level: "warning", advice: "Compact now." });
  expect(sizeWords(context)).toBe("142k of 200k");
  expect(turnsWords(context)).toBe("compacts in ~12 turns");
  expect(toneOf(context)).toBe("warn");
  expect(plain(contextStory(context, NOW))).toBe(
    "25.0k until it is compacted at 167k (estimated). 8 to 19 turns, each adding about 2.10k. " +
      "The size of the window is official. As of just now. Compact now.",
  );
});

test("what cannot be told is not said", () => {
  const blank = { turns: null, compactsAt: null, compactsBy: null, asOf: null, assumed: true } as const;
  const context = contextOf(NOW, 1_000, { ...blank, limitSource: "estimated" });
  expect(sizeWords(context)).toBe("1.00k of 200k assumed");
  expect(turnsWords(context)).toBe("");
  expect(contextStory(context, NOW)).toBe("It is not compacted by itself. The size of the window is estimated.");
});

test("a full one is compacted next turn", () => {
  expect(turnsWords(contextOf(NOW, 190_000))).toBe("compacts next turn");
  const close = { expected: 0, low: 0, high: 1, growth: 9_000 };
  expect(turnsWords(contextOf(NOW, 160_000, { turns: close }))).toBe("compacts next turn");
});

test("what is far away stands in the tooltip alone", () => {
  const context = contextOf(NOW, 5_000, { turns: { expected: 1_100, low: 900, high: 2_000, growth: 120 } });
  expect(turnsWords(context)).toBe("");
  expect(contextStory(context, NOW)).toContain("900 to 2000 turns");
});

test("an open band has no end", () => {
  const turns = { expected: 40, low: 12, high: null, growth: 900 };
  expect(contextStory(contextOf(NOW, 50_000, { turns }), NOW)).toContain("12 or more turns");
});
