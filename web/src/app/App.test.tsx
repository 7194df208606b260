import { act, cleanup, render, screen } from "@testing-library/react";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Hello } from "../api/frames.gen";
import { App } from "./App";

const socket = { onmessage: (_: { data: string }) => {}, close: () => {} };

beforeEach(() => {
  vi.stubGlobal("WebSocket", function WebSocket() {
    return socket;
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const hello: Hello = {
  type: "hello",
  epoch: "e",
  seq: 0,
  snapshot: {
    block: null,
    burnRate: null,
    quota: null,
    forecast: null,
    bySession: {},
    tokens: { input: 1000, output: 200, cacheWrite: 30, cacheRead: 4 },
  },
};

test("shows the total the server sent", () => {
  render(<App />);
  expect(screen.getByLabelText("Total tokens").textContent).toBe("waiting");
  act(() => socket.onmessage({ data: JSON.stringify(hello) }));
  expect(screen.getByLabelText("Total tokens").textContent).toBe("1,234");
});

// A part of a page has no landmarks, and jsdom paints nothing.
test("has nothing that axe objects to", async () => {
  const { container } = render(<App />);
  const found = await axe.run(container, {
    rules: { region: { enabled: false }, "color-contrast": { enabled: false } },
  });
  expect(found.violations).toEqual([]);
});
