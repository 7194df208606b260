/** What the details of a session tell, part by part. */
import { act, fireEvent, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { useOpened } from "../state/opened";
import { afresh, goOn, NOW, plain } from "../testing/app";
import { begun, closed, drawer, opened, part, REPORT, words } from "../testing/details";
import { reportAt } from "../testing/report";
import { answering } from "../testing/rest";

vi.mock("../features/burn/Chart", () => ({ default: () => null }));

afresh(closed);

test("every part of the report is told", async () => {
  await opened();
  expect(plain(drawer().textContent)).toContain("1 h 14 min: 52 min in turns, 22 min between them");
  expect(words("Time")).toContain("Needed approval6 min8 %");
  expect(words("Time")).toContain("by hooks when an approval was needed");
  expect(words("What it set out to do")).toContain("5 of 6 done");
  expect(words("What it set out to do")).toContain("Draw the status strip$0.92task list · 18 min359k");
  expect(within(part("Subagents")).getByRole("list", { name: /^Subagents of Find/ })).toBeTruthy();
  expect(words("Files")).toContain("17 of 41 files changed");
  expect(words("Files")).toContain("web/src/app/Strip.tsx+70 −1552");
  expect(words("Commands")).toContain("npm run141343 in a row");
  expect(words("Commands")).toContain("(not known)");
  expect(words("Cost")).toContain("for each changed line+238 −51$0.02");
  expect(words("Cost")).toContain("Cache rebuilt after a break longer than the cache lives");
  expect(words("Auxiliary")).toContain("$0.04, 4.90k in 5 requests");
  expect(words("Auxiliary")).toContain("generate session title");
  expect(words("Told by the agent")).toContain("you were active12 min");
});

test("tools are told by tool, by MCP server and by skill", async () => {
  await opened();
  expect(within(part("Tools")).getByRole("table", { name: "By tool" })).toBeTruthy();
  fireEvent.click(within(part("Tools")).getByRole("button", { name: "by MCP server" }));
  expect(words("Tools")).toContain("github, 1 tool21");
  fireEvent.click(within(part("Tools")).getByRole("button", { name: "by skill" }));
  expect(words("Tools")).toContain("pdf40");
});

test("the report has the first files, and all come at a click", async () => {
  const more = Array.from({ length: 41 }, (_, i) => ({
    ...(reportAt(NOW).files.files[0] ?? expect.fail()),
    path: `f${i}.ts`,
  }));
  const answers: Record<string, unknown> = { [REPORT]: reportAt(NOW) };
  answering(answers);
  await begun();
  act(() => useOpened.setState({ id: "c3" }));
  await goOn();
  fireEvent.click(within(part("Files")).getByRole("button", { name: "Show all 41" }));
  await goOn();
  expect(within(drawer()).getByText("There is nothing here.")).toBeTruthy();
  answers["GET /api/sessions/c3/files?limit=500"] = { ...reportAt(NOW).files, files: more, nextCursor: null };
  fireEvent.click(within(part("Files")).getByRole("button", { name: "Show fewer" }));
  fireEvent.click(within(part("Files")).getByRole("button", { name: "Show all 41" }));
  await goOn();
  expect(words("Files")).toContain("f40.ts");
});

test("what is not known is said or left out", async () => {
  const none = { ...reportAt(NOW).states, permissionMs: null, sources: ["log" as const] };
  await opened({
    states: none,
    objectives: [],
    tools: [],
    servers: [],
    skills: [],
    files: {
      files: [],
      totals: { files: 0, edited: 0, calls: 0, reads: 0, edits: 0, failed: 0, added: null, removed: null },
    },
    auxiliary: null,
    telemetry: null,
  });
  expect(words("Time")).toContain("that counts as working");
  expect(words("What it set out to do")).toContain("It has named none.");
  expect(words("Tools")).toContain("It has called none.");
  expect(words("Files")).toContain("None is known.");
  expect(within(drawer()).queryByRole("region", { name: "Auxiliary" })).toBeNull();
  expect(within(drawer()).queryByRole("region", { name: "Told by the agent" })).toBeNull();
});
