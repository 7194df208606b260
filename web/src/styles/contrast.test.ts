import { describe, expect, test } from "vitest";
import css from "./tokens.css?raw";

const block = (from: string) => css.slice(css.indexOf(from)).split("}")[0] ?? "";
const read = (text: string) =>
  Object.fromEntries([...text.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/gi)].map(([, name, hex]) => [name, hex]));
const THEMES = { dark: read(block(":root {")), light: read(block(':root[data-theme="light"]')) };

function luminance(hex: string): number {
  const parts = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const SURFACES = ["bg", "s1", "s2", "s3"];
const TONES = ["ok", "info", "warn", "danger", "you", "idle"];
const pairs: [string, string, number][] = [
  ...SURFACES.flatMap((on): [string, string, number][] => [
    ["text", on, 4.5],
    ["text-2", on, 4.5],
    ["text-3", on, 4.5],
    ["accent", on, 4.5],
    ["edge", on, 3],
    ["focus", on, 3],
  ]),
  ...TONES.flatMap((tone): [string, string, number][] => [
    [tone, "bg", 4.5],
    [tone, "s1", 4.5],
    [tone, "s2", 4.5],
    [tone, `${tone}-soft`, 4.5],
    ["text", `${tone}-soft`, 4.5],
  ]),
  ...["input", "output", "cache-write", "cache-read"].flatMap((kind): [string, string, number][] =>
    ["bg", "s1", "s2"].map((on) => [`data-${kind}`, on, 3.2]),
  ),
  ["on-accent", "accent-fill", 4.5],
];

describe.each(Object.entries(THEMES))("%s", (_, theme) => {
  test.each(pairs)("%s on %s has at least %s", (ink, on, bar) => {
    expect(contrast(theme[ink] ?? expect.fail(ink), theme[on] ?? expect.fail(on))).toBeGreaterThanOrEqual(bar);
  });

  test("both themes have the same tokens", () => {
    expect(Object.keys(theme).sort()).toEqual(Object.keys(THEMES.dark).sort());
  });
});
