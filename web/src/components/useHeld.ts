import { type FocusEvent, useState } from "react";

/** Whether the pointer or the focus is inside; what is held must not move. */
export function useHeld() {
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  return {
    held: pointed || focused,
    bind: {
      onPointerEnter: () => setPointed(true),
      onPointerLeave: () => setPointed(false),
      onFocus: () => setFocused(true),
      onBlur: (event: FocusEvent<HTMLElement>) => setFocused(event.currentTarget.contains(event.relatedTarget)),
    },
  };
}

/** The value, or while `held` what it was when the hold began. */
export function useStill<T>(value: T, held: boolean): T {
  const [still, setStill] = useState<{ value: T } | null>(null);
  if (held && still === null) setStill({ value });
  if (!held && still !== null) setStill(null);
  return held && still !== null ? still.value : value;
}
