/** Sessions by hand: what an agent's work suggests as a checkpoint. */
import { act, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Fake } from "../api/fake";
import { useKnown } from "../features/hand/suggestions";
import { useToasts } from "../state/toasts";
import { answering } from "../testing/rest";
import { checkpointOf, handOf, helloAt, iso, sessionsAt } from "../testing/sample";
import { App } from "./App";

vi.mock("../features/burn/Chart", () => ({ default: () => null }));

const NOW = Date.UTC(2026, 10, 19, 13, 12, 9);
const RULES = { "GET /api/alert-rules": { rules: [] } };

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  useKnown.setState({ loaded: [], done: new Set() });
  useToasts.setState({ toasts: [], dialogs: 0 });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const goOn = () => act(() => vi.advanceTimersByTimeAsync(200));

async function open(): Promise<Fake> {
  const fake = new Fake();
  render(<App transport={fake} />);
  act(() => {
    fake.link({ state: "live" });
    fake.say(helloAt(NOW, { sessions: [...sessionsAt(NOW), handOf(NOW, { id: "h1" })] }));
  });
  await goOn();
  return fake;
}

async function told(fake: Fake, seq: number, data: ReturnType<typeof checkpointOf>): Promise<void> {
  const frame = { seq, at: data.at, sentAt: data.at, sessionId: "h1" };
  act(() => fake.say({ ...frame, type: "session:checkpoint", data }));
  await goOn();
}

const card = () => within(screen.getByRole("article", { name: "Fix login" }));

test("what was suggested before is asked for, and marked at a click", async () => {
  const before = {
    ...checkpointOf(NOW, { id: "c1", phase: "Retry webhooks" }),
    sessionId: "h1",
    sessionName: "Fix login",
  };
  const asked = answering({
    ...RULES,
    "GET /api/checkpoints/suggested": { suggestions: [before], nextCursor: null },
    "POST /api/sessions/h1/checkpoints/c1/accept": { ...before, suggested: false },
  });
  await open();
  expect(card().getByText("Retry webhooks")).toBeTruthy();
  fireEvent.click(card().getByRole("button", { name: /^Mark/ }));
  await goOn();
  expect(asked.at(-1)).toMatchObject({ method: "POST", path: "/api/sessions/h1/checkpoints/c1/accept" });
  expect(card().queryByText("Retry webhooks")).toBeNull();
});

test("newer ones come with the frames, and leave when somebody else marked them", async () => {
  answering({ ...RULES, "GET /api/checkpoints/suggested": { suggestions: [], nextCursor: null } });
  const fake = await open();
  await told(fake, 101, checkpointOf(NOW, { id: "c1", phase: "First" }));
  await told(fake, 102, checkpointOf(NOW + 1_000, { id: "c2", phase: "Second" }));
  expect(card().getByText("Second")).toBeTruthy();
  expect(card().getByText(/, 1 more/)).toBeTruthy();
  await told(fake, 103, checkpointOf(NOW + 1_000, { id: "7", phase: "Second", suggested: false }));
  expect(card().getByText("First")).toBeTruthy();
  expect(card().queryByText("Second")).toBeNull();
  expect(document.querySelector("#activity")?.textContent).toContain("Checkpoint Secondsuggested");
});

test("a dismissal that is refused brings the suggestion back, with the server's words", async () => {
  answering({ ...RULES, "GET /api/checkpoints/suggested": { suggestions: [], nextCursor: null } });
  const fake = await open();
  await told(fake, 101, checkpointOf(NOW, { id: "c1", phase: "First", at: iso(NOW) }));
  fireEvent.click(card().getByRole("button", { name: "Dismiss the suggested checkpoint First" }));
  await goOn();
  expect(card().getByText("First")).toBeTruthy();
  expect(screen.getByText("There is nothing here.")).toBeTruthy();
});
