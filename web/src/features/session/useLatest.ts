import { useCallback, useEffect, useRef } from "react";

/** The same function at every render, which does what the newest `act` does: so that lanes need not render again. */
export function useLatest<A extends unknown[]>(act: (...args: A) => void): (...args: A) => void {
  const newest = useRef(act);
  useEffect(() => {
    newest.current = act;
  });
  return useCallback((...args: A) => newest.current(...args), []);
}
