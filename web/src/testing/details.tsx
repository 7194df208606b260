/** A session in its details, before a server of ours. */
import { act, fireEvent, render, screen, within } from "@testing-library/react";
import { Fake } from "../api/fake";
import { App } from "../app/App";
import { QUIET, useLive } from "../state/live";
import { useOpened } from "../state/opened";
import { goOn, NOW, plain } from "./app";
import { reportAt } from "./report";
import { answering } from "./rest";
import { helloAt } from "./sample";

export const REPORT = "GET /api/sessions/c3/report";

/** Nothing was opened, and nobody spoke yet. */
export function closed(): void {
  useLive.setState(QUIET);
  history.replaceState(null, "", "/");
  useOpened.setState({ id: null });
}

export const drawer = () => screen.getByRole("dialog", { name: "moonlock" });
export const part = (name: string) => within(drawer()).getByRole("region", { name });
export const words = (name: string) => plain(part(name).textContent);

export async function begun(): Promise<Fake> {
  await import("../features/session/detail/Details");
  const fake = new Fake();
  render(<App transport={fake} />);
  act(() => {
    fake.link({ state: "live" });
    fake.say(helloAt(NOW));
  });
  await goOn();
  return fake;
}

export async function opened(over: Parameters<typeof reportAt>[1] = {}): Promise<Fake> {
  answering({ [REPORT]: reportAt(NOW, over) });
  const fake = await begun();
  fireEvent.keyDown(screen.getByRole("article", { name: "Session moonlock" }), { key: "Enter" });
  await goOn();
  return fake;
}
