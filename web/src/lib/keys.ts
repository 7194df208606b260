/** Single-key shortcuts. They rest inside inputs and dialogs, with a modifier held, and when the person switched them off. */
import { useEffect, useRef } from "react";

type Act = () => void;
const acts = new Map<string, Act>();

/** While the component is mounted, `key` does `act`. */
export function useKey(key: string, act: Act): void {
  const newest = useRef(act);
  useEffect(() => {
    newest.current = act;
  });
  useEffect(() => {
    const run = () => newest.current();
    acts.set(key, run);
    return () => {
      if (acts.get(key) === run) acts.delete(key);
    };
  }, [key]);
}

/** Starts listening on the page; `allowed` is asked at every key. Returns how to stop. */
export function listenForKeys(allowed: () => boolean): () => void {
  const pressed = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !allowed()) return;
    const place = event.target instanceof Element ? event.target : null;
    if (place?.closest("input, textarea, select, [contenteditable], dialog")) return;
    const act = acts.get(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}
