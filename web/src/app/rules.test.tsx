/** Rules of alerts, changed on the page. */
import { fireEvent, screen, within } from "@testing-library/react";
import axe from "axe-core";
import { expect, test, vi } from "vitest";
import type { RuleShape } from "../api/frames.gen";
import { open, panel, unasked } from "../testing/alerts";
import { afresh, goOn, NOW, plain } from "../testing/app";
import { answering } from "../testing/rest";
import { iso, ruleOf } from "../testing/sample";

vi.mock("../features/burn/Chart", () => ({ default: () => null }));

afresh(unasked);

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
