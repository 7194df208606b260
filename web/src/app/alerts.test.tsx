/** Alerts as a person meets them: the bell, the toast, the panel, the rules. */
import { act, fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Fake } from "../api/fake";
import type { AlertShape } from "../api/frames.gen";
import { open, panel, unasked } from "../testing/alerts";
import { afresh, goOn, NOW, plain } from "../testing/app";
import { answering } from "../testing/rest";
import { alertOf, alertsAt, iso, ruleOf } from "../testing/sample";

vi.mock("../features/burn/Chart", () => ({ default: () => null }));

afresh(unasked);

async function raised(fake: Fake, seq: number, data: AlertShape): Promise<void> {
  act(() => fake.say({ seq, at: iso(NOW), sentAt: iso(NOW), type: "alert:raised", data }));
  await goOn();
}

const cards = () => [...document.querySelectorAll(".toast")].map((one) => plain(one.textContent));

test("the bell counts what nobody has seen, and `a` acknowledges the first", async () => {
  const asked = answering({ "POST /api/alerts/al2/acknowledge": {} });
  await open(alertsAt(NOW));
  expect(screen.getByRole("link", { name: "2 alerts not acknowledged" })).toBeTruthy();
  fireEvent.keyDown(document.body, { key: "a" });
  await goOn();
  expect(asked.at(-1)).toEqual({ method: "POST", path: "/api/alerts/al2/acknowledge", body: undefined });
  expect(screen.getByRole("link", { name: "1 alert not acknowledged" })).toBeTruthy();
  expect(panel().getByRole("button", { name: "Acknowledged: Stopped with an error" })).toBeTruthy();
});

test("an acknowledgement that is refused is taken back in the server's words", async () => {
  answering({});
  await open([alertOf(NOW, { id: "x" })]);
  fireEvent.click(panel().getByRole("button", { name: /^Acknowledge:/ }));
  await goOn();
  expect(panel().getByRole("button", { name: /^Acknowledge:/ })).toBeTruthy();
  expect(cards()).toEqual(["There is nothing here.Look elsewhere."]);
  await goOn(60_000);
  expect(cards()).toHaveLength(1);
});

test("a server that does not answer is said to be silent", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no line")));
  await open([alertOf(NOW, { id: "x" })]);
  fireEvent.click(panel().getByRole("button", { name: /^Acknowledge:/ }));
  await goOn();
  expect(cards()[0]).toContain("Moonlock does not answer.");
});

test("what begins to fire is called once for six seconds, longer under the pointer, and spoken", async () => {
  answering({});
  const fake = await open([alertOf(NOW, { id: "old" })]);
  expect(cards()).toEqual([]);
  await raised(fake, 101, alertOf(NOW, { id: "x" }));
  expect(cards()).toEqual(["Budget used to four fifthsFix login · 84 %, threshold 80 %Acknowledge"]);
  expect(plain(screen.getByRole("status").textContent)).toContain("Budget used to four fifths. Fix login");
  await raised(fake, 102, alertOf(NOW, { id: "x", level: 0.9 }));
  fireEvent.pointerEnter(screen.getByRole("region", { name: "Messages" }));
  await goOn(30_000);
  expect(cards()).toHaveLength(1);
  fireEvent.pointerLeave(screen.getByRole("region", { name: "Messages" }));
  await goOn(6_100);
  expect(cards()).toEqual([]);
});

test("at most three are called, none in quiet hours, and one that is over leaves", async () => {
  answering({});
  const fake = await open([]);
  await raised(fake, 101, alertOf(NOW, { id: "silent", quiet: true }));
  expect(cards()).toEqual([]);
  for (let i = 0; i < 5; i++) await raised(fake, 102 + i, alertOf(NOW, { id: `x${i}`, title: `Alert ${i}` }));
  expect(cards().map((text) => text.slice(0, 7))).toEqual(["Alert 2", "Alert 3", "Alert 4"]);
  const data = alertOf(NOW, { id: "x3", title: "Alert 3", phase: "resolved", resolvedAt: iso(NOW) });
  act(() => fake.say({ seq: 107, at: iso(NOW), sentAt: iso(NOW), type: "alert:resolved", data }));
  await goOn();
  expect(cards().map((text) => text.slice(0, 7))).toEqual(["Alert 2", "Alert 4"]);
});

test("when nothing fired the panel says so, and how many rules are active", async () => {
  answering({ "GET /api/alert-rules": { rules: [ruleOf({ id: "a" }), ruleOf({ id: "b", enabled: false })] } });
  await open([]);
  expect(plain(document.querySelector("#alerts")?.textContent)).toContain("Nothing has fired today.1 rule is active.");
});
