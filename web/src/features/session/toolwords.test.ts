import { expect, test } from "vitest";
import { shortTarget, toolWords } from "./toolwords";

test("a tool stands with what it works on", () => {
  expect(toolWords({ tool: "Bash", target: "git commit" })).toEqual({
    short: "Bash git commit",
    whole: "Bash git commit",
  });
  expect(toolWords({ tool: "WebFetch", target: null })?.short).toBe("WebFetch");
  expect(toolWords({ tool: null, target: null })).toBeNull();
});

test("of a long path its end is kept, whole folders at a time", () => {
  expect(shortTarget("src/app.py")).toBe("src/app.py");
  expect(shortTarget("web/src/features/session/strip.tsx")).toBe("…/session/strip.tsx");
  expect(shortTarget("a/an-endless-name-without-a-single-folder.tsx")).toBe(
    "…/an-endless-name-without-a-single-folder.tsx",
  );
});
