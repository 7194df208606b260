import { useEffect } from "react";
import { wordsOf } from "../features/session/status";
import { percent } from "../lib/format";
import { shareOf, windowOf } from "../lib/limits";
import { useLive } from "../state/live";

const SHORTEST = 5_000;

/** How many sessions need somebody and what is used of five hours stand in the tab's title, renewed at most every five seconds. */
export function useTitle(): void {
  useEffect(() => {
    let timer = 0;
    const write = () => {
      timer = 0;
      const snapshot = useLive.getState().picture.snapshot;
      const needed = (snapshot?.sessions ?? []).filter((session) => wordsOf(session).rank <= 3).length;
      const limit = windowOf(snapshot?.quota ?? null, "five_hour");
      const used = limit === null ? "" : `${percent(shareOf(limit))} · `;
      const title = `${needed > 0 ? `(${needed}) ` : ""}${used}${snapshot?.simulation ? "Simulation · " : ""}Now — Moonlock`;
      if (document.title !== title) document.title = title;
    };
    const stop = useLive.subscribe(() => {
      if (timer === 0) timer = window.setTimeout(write, document.title === "Now — Moonlock" ? 0 : SHORTEST);
    });
    write();
    return () => {
      window.clearTimeout(timer);
      stop();
    };
  }, []);
}
