import { act, fireEvent, render, screen, within } from "@testing-library/react";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Fake } from "../api/fake";
import { togglePause, useLive } from "../state/live";
import { helloAt, helperOf, iso, sessionsAt } from "../testing/sample";
import { type Shown, STATES } from "../testing/states";
import { App } from "./App";

vi.mock("../features/burn/Chart", () => ({ default: () => null }));

const NOW = Date.UTC(2026, 10, 19, 13, 12, 9);
const plain = (text: string | null) => (text ?? "").replace(/\u00a0/g, " ");

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  localStorage.clear();
  sessionStorage.clear();
});

afterEach(() => {
  vi.useRealTimers();
});

function open(shown: Shown): Fake {
  const fake = new Fake();
  render(<App transport={fake} />);
  act(() => {
    fake.link(shown.link);
    if (shown.hello) fake.say(shown.hello);
    vi.advanceTimersByTime(200);
    if (shown.paused) togglePause();
  });
  return fake;
}

const live = () => STATES.live?.(NOW) ?? expect.fail();

describe.each(Object.entries(STATES))("%s", (_, stateAt) => {
  test("says what it must", () => {
    const shown = stateAt(NOW);
    open(shown);
    for (const words of shown.says) expect(plain(document.body.textContent)).toContain(words);
  });

  test("has one h1 and nothing that axe objects to", async () => {
    open(stateAt(NOW));
    expect(document.querySelectorAll("h1")).toHaveLength(1);
    vi.useRealTimers();
    const found = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(found.violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  });
});

test("a status that changes is painted, and order keeps still under the pointer", () => {
  const fake = open(live());
  const sessions = sessionsAt(NOW);
  const names = () => screen.getAllByRole("article").map((lane) => lane.getAttribute("aria-label"));
  const before = names();
  fireEvent.pointerEnter(document.querySelector(".lanes") ?? expect.fail());
  const stopped = { ...(sessions[2] ?? expect.fail()), status: "limited" as const };
  const frame = { seq: 101, at: iso(NOW), sentAt: iso(NOW), sessionId: "c3", data: stopped };
  act(() => {
    fake.say({ ...frame, type: "session:status" });
    vi.advanceTimersByTime(200);
  });
  expect(names()).toEqual(before);
  expect(screen.getByText("Limit reached")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: /moved · reorder/ }));
  expect(names()).not.toEqual(before);
});

test("a session that goes idle under the pointer keeps its row until the pointer leaves", () => {
  const fake = open(live());
  const lanes = document.querySelector(".lanes") ?? expect.fail();
  fireEvent.pointerEnter(lanes);
  const data = { ...(sessionsAt(NOW)[2] ?? expect.fail()), status: "idle" as const };
  act(() => {
    fake.say({ seq: 101, at: iso(NOW), sentAt: iso(NOW), sessionId: "c3", data, type: "session:status" });
    vi.advanceTimersByTime(200);
  });
  expect(screen.getAllByRole("article")).toHaveLength(4);
  fireEvent.pointerLeave(lanes);
  expect(screen.getAllByRole("article")).toHaveLength(3);
});

test("subagents are shown while one is at work, and fold at a click", () => {
  open(live());
  const button = screen.getByRole("button", { name: "4 subagents" });
  expect(screen.getByRole("list", { name: "Subagents" })).toBeTruthy();
  fireEvent.click(button);
  expect(screen.queryByRole("list", { name: "Subagents" })).toBeNull();
  expect(button.getAttribute("aria-expanded")).toBe("false");
});

test("subagents stand below the one that sent them, and each branch folds alone", () => {
  open(live());
  const tree = screen.getByRole("list", { name: "Subagents" });
  const below = screen.getByRole("list", { name: "Subagents of Find every place that draws the strip" });
  expect(tree.contains(below)).toBe(true);
  expect(plain(below.textContent)).toContain("Read the stylesgeneral-purpose");
  expect(plain(below.textContent)).not.toContain("Review the layout");
  const twist = screen.getByRole("button", { name: "2 below Find every place that draws the strip" });
  fireEvent.click(twist);
  expect(screen.queryByText("Read the styles")).toBeNull();
  expect(screen.getByText("Review the layout")).toBeTruthy();
  expect(twist.getAttribute("aria-expanded")).toBe("false");
});

test("of many subagents three are shown until somebody asks for all", () => {
  const crowd = Array.from({ length: 5 }, (_, i) => helperOf(NOW, { id: `h${i}`, title: `Part ${i}` }));
  const session = { ...(sessionsAt(NOW)[2] ?? expect.fail()), subagents: crowd };
  open({ ...live(), hello: helloAt(NOW, { sessions: [session] }) });
  expect(screen.queryByText("Part 4")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "+2 more" }));
  expect(screen.getByText("Part 4")).toBeTruthy();
});

test("a lane tells the tool and on what it works, a long path by its end", () => {
  open(live());
  const lane = screen.getByRole("article", { name: "Session moonlock" });
  expect(lane.textContent).toContain("Edit …/session/strip.tsx");
  expect(within(lane).getByTitle("Edit web/src/features/session/strip.tsx")).toBeTruthy();
  const asks = screen.getByRole("article", { name: "Session payments-api" });
  expect(asks.textContent).toContain("Bash npm run");
  expect(asks.closest("li")?.className).toBe("lane-needed");
});

test("? opens the keys, d changes the theme, and the switch turns single keys off", () => {
  open(live());
  fireEvent.keyDown(document.body, { key: "?" });
  expect(screen.getByRole("dialog", { name: "Keyboard" })).toBeTruthy();
  fireEvent.click(screen.getByRole("switch", { name: /Single-key shortcuts/ }));
  fireEvent.click(screen.getByRole("button", { name: "Close" }));
  fireEvent.keyDown(document.body, { key: "t" });
  expect(screen.queryByRole("table")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Keyboard shortcuts" }));
  fireEvent.click(screen.getByRole("switch", { name: /Single-key shortcuts/ }));
  fireEvent.click(screen.getByRole("button", { name: "Close" }));
  fireEvent.keyDown(document.body, { key: "t" });
  expect(screen.getByRole("table")).toBeTruthy();
});

test("while drawing is paused frames are counted, and shown afterwards", () => {
  const fake = open(live());
  const session = { ...(sessionsAt(NOW)[0] ?? expect.fail()), costUsd: 77.7 };
  const frame = { seq: 101, at: iso(NOW), sentAt: iso(NOW), sessionId: "a1", data: session };
  act(togglePause);
  act(() => {
    fake.say({ ...frame, type: "session:status" });
    vi.advanceTimersByTime(200);
  });
  expect(screen.queryByText("$77.70")).toBeNull();
  expect(plain(document.body.textContent)).toContain("1 update waiting");
  act(() => {
    togglePause();
    vi.advanceTimersByTime(200);
  });
  expect(screen.getByText("$77.70")).toBeTruthy();
});

test("what waited while drawing was paused or the tab was hidden does not count as delay", () => {
  const fake = open(live());
  const session = sessionsAt(NOW)[0] ?? expect.fail();
  const say = (seq: number) => {
    const at = iso(Date.now() - 5);
    act(() => fake.say({ seq, at, sentAt: at, sessionId: "a1", data: session, type: "session:status" }));
  };
  const goOn = (ms: number) => act(() => vi.advanceTimersByTime(ms));
  say(101);
  goOn(200);
  const before = useLive.getState().delay ?? expect.fail();
  act(togglePause);
  say(102);
  goOn(30_000);
  act(togglePause);
  goOn(200);
  const hidden = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  say(103);
  goOn(30_000);
  hidden.mockRestore();
  document.dispatchEvent(new Event("visibilitychange"));
  goOn(200);
  expect(useLive.getState().waiting).toBe(0);
  expect(useLive.getState().delay).toBe(before);
});

test("at most one announcement in ten seconds, and the newest wins", () => {
  const fake = open(live());
  const spoken: string[] = [];
  const region = screen.getByRole("status");
  for (let i = 0; i < 60; i++) {
    const session = sessionsAt(NOW)[2] ?? expect.fail();
    const data = { ...session, status: i % 2 ? ("error" as const) : ("running" as const) };
    act(() => {
      fake.say({ seq: 101 + i, at: iso(NOW), sentAt: iso(NOW), sessionId: "c3", data, type: "session:status" });
      vi.advanceTimersByTime(500);
    });
    const said = region.textContent ?? "";
    if (said && spoken.at(-1) !== said) spoken.push(said);
  }
  expect(spoken.length).toBeGreaterThan(0);
  expect(spoken.length).toBeLessThanOrEqual(4);
});

test("the countdown is the server's, whatever this machine's clock says", () => {
  const fake = open(live());
  act(() => fake.link({ state: "live", offset: 60_000 }));
  const left = screen.getAllByRole("timer").map((timer) => timer.textContent);
  expect(left).toContain("1:36:48");
});

test("a reload shows the last picture until the server speaks", () => {
  open(live());
  dispatchEvent(new Event("pagehide"));
  const kept = sessionStorage.getItem("moonlock.picture");
  expect(kept).toContain("payments-api");
  expect(useLive.getState().picture.snapshot).not.toBeNull();
});
