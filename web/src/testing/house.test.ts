/** The house rules of the page, held by a test. */
import { describe, expect, test } from "vitest";

const sources = import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
const files = Object.entries(sources).filter(([path]) => !path.endsWith(".gen.ts"));
const shipped = files.filter(([path]) => !/\.test\.|\/testing\//.test(path) && !path.startsWith("./"));

describe.each(shipped)("%s", (path, text) => {
  test("is short", () => {
    expect(text.split("\n").length).toBeLessThanOrEqual(path.endsWith(".tsx") ? 150 : 300);
  });

  test("names no colour of its own", () => {
    expect(text).not.toMatch(/#[0-9a-f]{6}\b|#[0-9a-f]{3}\b(?![\w-])|\brgba?\(|\bhsla?\(/i);
  });

  test("is no barrel", () => {
    expect(text).not.toMatch(/^export .* from /m);
    expect(path).not.toMatch(/\/index\.tsx?$/);
  });

  test("imports no other feature", () => {
    const own = /features\/(\w+)\//.exec(path)?.[1];
    if (!own) return;
    const others = [...text.matchAll(/from "\.\.\/(\w+)\/|features\/(\w+)/g)].map(([, a, b]) => a ?? b);
    expect(others.filter((other) => other !== own)).toEqual([]);
  });
});
