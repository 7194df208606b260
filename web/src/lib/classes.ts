/** The four classes of tokens, in the order in which they are stacked: the largest lies at the bottom. */
export type TokenClass = "cacheRead" | "cacheCreation" | "input" | "output";

export interface ClassWords {
  key: TokenClass;
  name: string;
  css: "cache-read" | "cache-write" | "input" | "output";
}

export const CLASSES: readonly ClassWords[] = [
  { key: "cacheRead", name: "Cache read", css: "cache-read" },
  { key: "cacheCreation", name: "Cache write", css: "cache-write" },
  { key: "input", name: "Input", css: "input" },
  { key: "output", name: "Output", css: "output" },
];
