/** The server's time, ticking on its full second; one timer for all clocks of the page, none while the tab is hidden. */
import { useSyncExternalStore } from "react";
import { useLive } from "./live";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let second = 0;
let unfollow = () => {};

const serverNow = () => Date.now() + useLive.getState().link.offset;

function tick(): void {
  clearTimeout(timer);
  const now = serverNow();
  second = Math.floor(now / 1000) * 1000;
  if (document.visibilityState !== "hidden") timer = setTimeout(tick, 1000 - (now % 1000));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    document.addEventListener("visibilitychange", tick);
    unfollow = useLive.subscribe((state, before) => state.link.offset !== before.link.offset && tick());
    tick();
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearTimeout(timer);
    unfollow();
    second = 0;
    document.removeEventListener("visibilitychange", tick);
  };
}

const read = () => (second === 0 ? Math.floor(serverNow() / 1000) * 1000 : second);

/** The server's time in whole seconds. */
export const useNow = (): number => useSyncExternalStore(subscribe, read);

/** The server's time in whole steps of `step`: a component renders once a step, not once a second. */
export const useNowEvery = (step: number): number =>
  useSyncExternalStore(subscribe, () => Math.floor(read() / step) * step);
