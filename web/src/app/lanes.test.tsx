/** Lanes on the whole page: how they turn, what they work on, and the sub-agents below them. */
import { act, fireEvent, screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { afresh, live, NOW, open, plain } from "../testing/app";
import { helloAt, helperOf, iso, sessionsAt } from "../testing/sample";

vi.mock("../features/burn/Chart", () => ({ default: () => null }));

afresh();

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
