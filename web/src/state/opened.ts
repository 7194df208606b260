/** Which session is open in its details. It stands in the address, so that a link shows it and Back closes it. */
import { create } from "zustand";

const PARAMETER = "session";

const named = (): string | null => new URLSearchParams(location.search).get(PARAMETER);

export const useOpened = create<{ id: string | null }>(() => ({ id: named() }));

/** Whether this page itself went there, so that there is a way back. */
let pushed = false;

/** Where a session is shown in its details. */
export const addressOf = (id: string): string => `?${new URLSearchParams({ [PARAMETER]: id })}`;

export function openSession(id: string): void {
  history.pushState(null, "", addressOf(id));
  pushed = true;
  useOpened.setState({ id });
}

export function closeSession(): void {
  if (pushed) history.back();
  else history.replaceState(null, "", location.pathname);
  pushed = false;
  useOpened.setState({ id: null });
}

/** Follows Back and Forward; returns how to stop. */
export function followAddress(): () => void {
  const moved = () => {
    pushed = false;
    useOpened.setState({ id: named() });
  };
  addEventListener("popstate", moved);
  return () => removeEventListener("popstate", moved);
}
