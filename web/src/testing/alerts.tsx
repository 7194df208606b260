/** The page with alerts, before a server of ours. */
import { act, render, within } from "@testing-library/react";
import { expect } from "vitest";
import { Fake } from "../api/fake";
import type { AlertShape } from "../api/frames.gen";
import { App } from "../app/App";
import { useAsked } from "../features/alerts/acknowledge";
import { useRules } from "../features/alerts/rules";
import { useToasts } from "../state/toasts";
import { goOn, NOW } from "./app";
import { handOf, helloAt, sessionsAt } from "./sample";

export function unasked(): void {
  useAsked.setState({ ids: new Set() });
  useRules.setState({ rules: null });
  useToasts.setState({ toasts: [], dialogs: 0 });
}

export const panel = () => within(document.querySelector<HTMLElement>("#alerts") ?? expect.fail());

export async function open(alerts: AlertShape[]): Promise<Fake> {
  const fake = new Fake();
  render(<App transport={fake} />);
  act(() => {
    fake.link({ state: "live" });
    fake.say(helloAt(NOW, { sessions: [...sessionsAt(NOW), handOf(NOW, { id: "h1" })], alerts }));
  });
  await goOn();
  return fake;
}
