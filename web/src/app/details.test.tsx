/** A session in its details: opened from its lane, closed again, asked for on demand. */
import { act, fireEvent, render, screen, within } from "@testing-library/react";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Fake } from "../api/fake";
import { QUIET, useLive } from "../state/live";
import { useOpened } from "../state/opened";
import { reportAt } from "../testing/report";
import { answering } from "../testing/rest";
import { helloAt, iso, sessionsAt, tokensOf } from "../testing/sample";
import { App } from "./App";

vi.mock("../features/burn/Chart", () => ({ default: () => null }));

const NOW = Date.UTC(2026, 10, 19, 13, 12, 9);
const REPORT = "GET /api/sessions/c3/report";
const plain = (text: string | null) => (text ?? "").replace(/\u00a0/g, " ");

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  useLive.setState(QUIET);
  history.replaceState(null, "", "/");
  useOpened.setState({ id: null });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const goOn = (ms = 200) => act(() => vi.advanceTimersByTimeAsync(ms));
const drawer = () => screen.getByRole("dialog", { name: "moonlock" });
const part = (name: string) => within(drawer()).getByRole("region", { name });
const words = (name: string) => plain(part(name).textContent);

async function begun(): Promise<Fake> {
  await import("../features/session/detail/Details");
  const fake = new Fake();
  render(<App transport={fake} />);
  act(() => {
    fake.link({ state: "live" });
    fake.say(helloAt(NOW));
  });
  await goOn();
  return fake;
}

async function opened(over: Parameters<typeof reportAt>[1] = {}): Promise<Fake> {
  answering({ [REPORT]: reportAt(NOW, over) });
  const fake = await begun();
  fireEvent.keyDown(screen.getByRole("article", { name: "Session moonlock" }), { key: "Enter" });
  await goOn();
  return fake;
}

test("Enter opens the session, the address names it, and Close leads back", async () => {
  await opened();
  expect(location.search).toBe("?session=c3");
  expect(drawer()).toBeTruthy();
  fireEvent.click(within(drawer()).getByRole("button", { name: "Close" }));
  await goOn();
  expect(screen.queryByRole("dialog")).toBeNull();
  vi.useRealTimers();
  await expect.poll(() => location.search).toBe("");
});

test("a click in the lane opens it too, but a button in it does what it says", async () => {
  answering({ [REPORT]: reportAt(NOW) });
  await begun();
  const lane = screen.getByRole("article", { name: "Session moonlock" });
  fireEvent.click(within(lane).getByRole("button", { name: /subagents/ }));
  await goOn();
  expect(screen.queryByRole("dialog")).toBeNull();
  fireEvent.click(within(lane).getByRole("link", { name: "moonlock" }));
  await goOn();
  expect(drawer()).toBeTruthy();
});

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

test("a refusal is told in the server's words, and asked again at a click", async () => {
  const answers: Record<string, unknown> = {};
  answering(answers);
  await begun();
  act(() => useOpened.setState({ id: "c3" }));
  await goOn();
  expect(plain(screen.getByRole("alert").textContent)).toContain("There is nothing here. Look elsewhere.");
  answers[REPORT] = reportAt(NOW);
  fireEvent.click(screen.getByRole("button", { name: "Retry" }));
  await goOn();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(words("Files")).toContain("Strip.tsx");
});

test("when the server is gone what is known stays, with a word of why there is nothing newer", async () => {
  const fake = await opened();
  vi.stubGlobal("fetch", () => Promise.reject(new Error("gone")));
  act(() => fake.link({ state: "offline", heardAt: NOW, lostAt: NOW }));
  await goOn();
  expect(within(drawer()).getByRole("alert").textContent).toContain("Moonlock does not answer.");
  expect(words("Files")).toContain("Strip.tsx");
});

test("while the session goes on its sums move with every frame, and the report is asked for now and then", async () => {
  const asked = answering({ [REPORT]: reportAt(NOW) });
  const fake = await begun();
  fireEvent.keyDown(screen.getByRole("article", { name: "Session moonlock" }), { key: "Enter" });
  await goOn();
  const times = () => asked.filter(({ path }) => path.endsWith("/report")).length;
  expect(times()).toBe(1);
  const session = sessionsAt(NOW)[2] ?? expect.fail();
  const say = (seq: number, after: number) => {
    const data = { ...session, tokens: tokensOf(0, seq, 0, 0), lastActivityAt: iso(NOW + after) };
    act(() => fake.say({ seq, at: iso(NOW), sentAt: iso(NOW), sessionId: "c3", data, type: "session:status" }));
  };
  say(101, -3_000);
  say(102, 20_000);
  await goOn();
  expect(drawer().textContent).toContain("102");
  expect(times()).toBe(2);
});

test("axe objects to nothing in it", async () => {
  await opened();
  vi.useRealTimers();
  const found = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(found.violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
});
