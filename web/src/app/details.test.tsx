/** A session in its details: opened from its lane, closed again, asked for on demand. */
import { act, fireEvent, screen, within } from "@testing-library/react";
import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { useOpened } from "../state/opened";
import { afresh, goOn, NOW, plain } from "../testing/app";
import { begun, closed, drawer, opened, REPORT, words } from "../testing/details";
import { reportAt } from "../testing/report";
import { answering } from "../testing/rest";
import { iso, sessionsAt, tokensOf } from "../testing/sample";

vi.mock("../features/burn/Chart", () => ({ default: () => null }));

afresh(closed);

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
