/** What the page asks for beside the frames: objectives with what they took, and suggestions with their evidence. */
import { act, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Fake } from "../api/fake";
import { QUIET, useLive } from "../state/live";
import { answering } from "../testing/rest";
import { helloAt, hintsAt, iso, objectivesAt, sessionsAt } from "../testing/sample";
import { App } from "./App";

vi.mock("../features/burn/Chart", () => ({ default: () => null }));

const NOW = Date.UTC(2026, 10, 19, 13, 12, 9);
const HINTS = "GET /api/suggestions?days=7&limit=5";
const OBJECTIVES = "GET /api/sessions/c3/objectives";
const plain = (text: string | null) => (text ?? "").replace(/\u00a0/g, " ");

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  useLive.setState(QUIET);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const goOn = (ms = 1_200) => act(() => vi.advanceTimersByTimeAsync(ms));
const panel = (name: string) => screen.getByRole("region", { name });
const words = (name: string) => plain(panel(name).textContent);
/** Only c3 named anything. */
const sessions = () => sessionsAt(NOW).map((one) => (one.id === "c3" ? one : { ...one, objectives: null }));

async function open(over: Parameters<typeof helloAt>[1] = {}): Promise<Fake> {
  const fake = new Fake();
  render(<App transport={fake} />);
  act(() => {
    fake.link({ state: "live" });
    fake.say(helloAt(NOW, { sessions: sessions(), ...over }));
  });
  await goOn();
  return fake;
}

test("objectives show what each took, open ones first", async () => {
  answering({ [OBJECTIVES]: objectivesAt(NOW) });
  await open();
  const rows = within(panel("Objectives"))
    .getAllByRole("listitem")
    .map((row) => plain(row.textContent));
  expect(rows).toEqual([
    "In progress: Draw the status strip$0.92task list · 18 min359k",
    "Open: Write the teststask list",
    "Done: Parse the status line$0.92task list · 18 min359k",
  ]);
  expect(words("Objectives")).toContain("5 of 6 done");
});

test("what subagents were called for stands apart, as it is not counted", async () => {
  const named = objectivesAt(NOW).objectives;
  const called = (id: string, title: string) => ({
    ...(named[1] ?? expect.fail()),
    id,
    title,
    source: "Agent",
    trust: 4,
  });
  const objectives = [called("a1", "Read the tests"), ...named, called("a2", "Find the cause"), called("a3", "Count")];
  answering({ [OBJECTIVES]: { objectives, nextCursor: null } });
  await open();
  const counted = "Draw the status stripWrite the testsParse the status line";
  const titles = (list: HTMLElement | undefined) =>
    [...(list?.querySelectorAll("li > p[title]") ?? [])].map((one) => one.getAttribute("title")).join("");
  const [own, below] = within(panel("Objectives")).getAllByRole("list");
  expect(titles(own)).toBe(counted);
  expect(within(panel("Objectives")).getByRole("list", { name: /^For 3 subagents, not counted/ })).toBe(below);
  expect(titles(below)).toBe("Read the testsFind the cause");
  fireEvent.click(within(panel("Objectives")).getByRole("button", { name: "Show all 3" }));
  expect(titles(below)).toBe("Read the testsFind the causeCount");
});

test("where nothing else was named they are the objectives", async () => {
  const objectives = objectivesAt(NOW).objectives.map((one) => ({ ...one, source: "Task", trust: 4 }));
  answering({ [OBJECTIVES]: { objectives, nextCursor: null } });
  await open();
  expect(within(panel("Objectives")).getAllByRole("list")).toHaveLength(1);
  expect(words("Objectives")).not.toContain("not counted");
});

test("they are asked for again when the session says something new, and not at every frame", async () => {
  const asked = answering({ [OBJECTIVES]: objectivesAt(NOW) });
  const fake = await open();
  const times = () => asked.filter(({ path }) => path === "/api/sessions/c3/objectives").length;
  expect(times()).toBe(1);
  const data = { id: "o3", title: "Write the tests", state: "in_progress", source: "TaskUpdate" } as const;
  const frame = { at: iso(NOW), sentAt: iso(NOW), sessionId: "c3", type: "session:objective" } as const;
  act(() =>
    fake.say({ ...frame, seq: 101, data: { ...data, objectives: { done: 5, total: 6, current: data.title } } }),
  );
  await goOn();
  expect(times()).toBe(2);
  act(() =>
    fake.say({ ...frame, seq: 102, data: { ...data, objectives: { done: 5, total: 6, current: data.title } } }),
  );
  await goOn();
  expect(times()).toBe(2);
  await goOn(60_000);
  expect(times()).toBe(3);
});

test("another session's objectives are a choice away", async () => {
  const asked = answering({ [OBJECTIVES]: objectivesAt(NOW) });
  await open({ sessions: sessionsAt(NOW) });
  fireEvent.change(within(panel("Objectives")).getByRole("combobox"), { target: { value: "b2" } });
  await goOn();
  expect(asked.map(({ path }) => path)).toContain("/api/sessions/b2/objectives");
});

test("without any the panel says what would appear", async () => {
  answering({});
  await open({ sessions: sessions().filter(({ id }) => id !== "c3") });
  expect(words("Objectives")).toContain("No session has named any.");
  expect(words("Suggestions")).toContain("Not looked yet.");
});

test("a suggestion names its dollars, how often, and the sessions behind it", async () => {
  answering({ [HINTS]: hintsAt(NOW) });
  await open();
  expect(words("Suggestions")).toContain("Caches grew cold while a session waited$9.40");
  expect(words("Suggestions")).toContain("need not have been paid, 8 % of all, 12 times");
  expect(words("Suggestions")).not.toContain("Webhooks");
  fireEvent.click(within(panel("Suggestions")).getByRole("button", { name: /2 sessions behind/ }));
  expect(words("Suggestions")).toContain("Webhooks");
  expect(words("Suggestions")).toMatch(/moonlock Draw the status strip.* to .*, 9 times\$7.10/);
});

test("nothing to suggest is said, and asked again in a quarter of an hour", async () => {
  const asked = answering({ [HINTS]: { ...hintsAt(NOW), suggestions: [] } });
  await open();
  expect(words("Suggestions")).toContain("Nothing to suggest.");
  await goOn(15 * 60_000);
  expect(asked.filter(({ path }) => path.startsWith("/api/suggestions"))).toHaveLength(2);
});

test("while history is read nothing is asked about it", async () => {
  const asked = answering({ [HINTS]: hintsAt(NOW) });
  await open({ progress: { files: 10, filesDone: 1, bytes: 10, bytesDone: 1 } });
  expect(asked.filter(({ path }) => path.startsWith("/api/suggestions"))).toHaveLength(0);
});
