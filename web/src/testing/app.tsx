/** The whole page before a server of ours, on clocks that tests turn. */
import { act, render } from "@testing-library/react";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { Fake } from "../api/fake";
import { App } from "../app/App";
import { togglePause } from "../state/live";
import { type Shown, STATES } from "./states";

export const NOW = Date.UTC(2026, 10, 19, 13, 12, 9);
export const plain = (text: string | null | undefined) => (text ?? "").replace(/\u00a0/g, " ");
export const goOn = (ms = 200) => act(() => vi.advanceTimersByTimeAsync(ms));
export const live = () => STATES.live?.(NOW) ?? expect.fail();

/** Each test of the file begins at NOW, without anything remembered. */
export function afresh(forget: () => void = () => {}): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
    localStorage.clear();
    sessionStorage.clear();
    forget();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}

export function open(shown: Shown): Fake {
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
