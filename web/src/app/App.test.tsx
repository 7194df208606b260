import { act, fireEvent, screen } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, test, vi } from "vitest";
import { togglePause, useLive } from "../state/live";
import { afresh, live, NOW, open, plain } from "../testing/app";
import { iso, sessionsAt } from "../testing/sample";
import { STATES } from "../testing/states";

vi.mock("../features/burn/Chart", () => ({ default: () => null }));

afresh();

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
