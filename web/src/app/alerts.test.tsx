/** Alerts as a person meets them: the bell, the toast, the panel, the rules. */
import { act, fireEvent, render, screen, within } from "@testing-library/react";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Fake } from "../api/fake";
import type { AlertShape, RuleShape } from "../api/frames.gen";
import { useAsked } from "../features/alerts/acknowledge";
import { useRules } from "../features/alerts/rules";
import { useToasts } from "../state/toasts";
import { answering } from "../testing/rest";
import { alertOf, alertsAt, handOf, helloAt, iso, ruleOf, sessionsAt } from "../testing/sample";
import { App } from "./App";

vi.mock("../features/burn/Chart", () => ({ default: () => null }));

const NOW = Date.UTC(2026, 10, 19, 13, 12, 9);
const plain = (text: string | null | undefined) => (text ?? "").replace(/\u00a0/g, " ");

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  localStorage.clear();
  sessionStorage.clear();
  useAsked.setState({ ids: new Set() });
  useRules.setState({ rules: null });
  useToasts.setState({ toasts: [], dialogs: 0 });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const goOn = (ms = 200) => act(() => vi.advanceTimersByTimeAsync(ms));

async function open(alerts: AlertShape[]): Promise<Fake> {
  const fake = new Fake();
  render(<App transport={fake} />);
  act(() => {
    fake.link({ state: "live" });
    fake.say(helloAt(NOW, { sessions: [...sessionsAt(NOW), handOf(NOW, { id: "h1" })], alerts }));
  });
  await goOn();
  return fake;
}

async function raised(fake: Fake, seq: number, data: AlertShape): Promise<void> {
  act(() => fake.say({ seq, at: iso(NOW), sentAt: iso(NOW), type: "alert:raised", data }));
  await goOn();
}

const panel = () => within(document.querySelector<HTMLElement>("#alerts") ?? expect.fail());
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

async function openRules(rules: RuleShape[], answers: Record<string, unknown> = {}) {
  const asked = answering({ "GET /api/alert-rules": { rules }, ...answers });
  await open([]);
  await import("../features/alerts/Rules");
  fireEvent.click(panel().getByRole("button", { name: "Rules" }));
  await goOn();
  asked.length = 0;
  return asked;
}

test("a rule is switched off at once, and on again by undo", async () => {
  const rule = ruleOf({ id: "budget-80" });
  const off = { ...rule, enabled: false, origin: "person" };
  const saved = {
    "PUT /api/alert-rules": (body: { rules: { enabled: boolean | null }[] }) => ({
      rules: [body.rules[0]?.enabled === false ? off : rule],
    }),
  };
  const asked = await openRules([rule], saved);
  fireEvent.click(screen.getByRole("switch", { name: rule.title }));
  await goOn();
  expect(asked.map(({ body }) => body)).toEqual([{ rules: [{ id: "budget-80", enabled: false }] }]);
  expect(screen.getByRole("switch", { name: rule.title }).getAttribute("aria-checked")).toBe("false");
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  await goOn();
  expect(asked.at(-1)?.body).toEqual({ rules: [{ id: "budget-80", enabled: null }] });
  expect(screen.getByRole("switch", { name: rule.title }).getAttribute("aria-checked")).toBe("true");
});

test("a threshold that is being written is tried against history, and saved on leaving", async () => {
  const rule = ruleOf({ id: "budget-80" });
  const asked = await openRules([rule], {
    "PUT /api/alert-rules": { rules: [{ ...rule, threshold: 0.6, clear: 0.55, origin: "person" }] },
    "POST /api/alert-rules/preview": { known: true, why: null, days: 7, count: 3, instants: [iso(NOW)] },
  });
  const field = screen.getByRole("spinbutton");
  fireEvent.focus(field);
  fireEvent.change(field, { target: { value: "60" } });
  await goOn(400);
  expect(asked.at(-1)?.body).toEqual({ rule: "budget-80", threshold: 0.6 });
  expect(plain(screen.getByRole("dialog").textContent)).toContain("Would have fired 3 times in the last 7 days");
  fireEvent.blur(field);
  await goOn();
  expect(asked.at(-1)?.body).toEqual({ rules: [{ id: "budget-80", threshold: 0.6 }] });
  expect(plain(screen.getByRole("dialog").textContent)).toContain("Clears below 55 %, changed by you");
});

test("a severity is chosen, Esc gives back a threshold, and nonsense is not sent", async () => {
  const rule = ruleOf({ id: "budget-80" });
  const asked = await openRules([rule], { "PUT /api/alert-rules": { rules: [{ ...rule, severity: "error" }] } });
  const field = screen.getByRole<HTMLInputElement>("spinbutton");
  fireEvent.focus(field);
  fireEvent.change(field, { target: { value: "-3" } });
  expect(field.getAttribute("aria-invalid")).toBe("true");
  fireEvent.keyDown(field, { key: "Escape" });
  expect(field.value).toBe("80");
  fireEvent.blur(field);
  fireEvent.change(within(screen.getByRole("dialog")).getByRole("combobox"), { target: { value: "error" } });
  await goOn();
  const puts = asked.filter(({ method }) => method === "PUT");
  expect(puts.map(({ body }) => body)).toEqual([{ rules: [{ id: "budget-80", severity: "error" }] }]);
  vi.useRealTimers();
  const found = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(found.violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
});
