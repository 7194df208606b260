/** What could cost less, from the last seven days; asked for again every quarter of an hour. */
import { useEffect, useState } from "react";
import type { HintList } from "../../api/frames.gen";
import { ask } from "../../api/rest";
import { useNowEvery } from "../../state/clock";
import { useLive } from "../../state/live";

export const DAYS = 7;
export const MOST = 5;
const AGAIN = 15 * 60_000;

/** Null until the server has answered, or when it cannot. */
export function useHints(): HintList | null {
  const [known, setKnown] = useState<HintList | null>(null);
  const begun = useLive(
    ({ picture: { epoch, snapshot }, link }) => link.state === "live" && !snapshot?.progress && epoch,
  );
  const quarter = useNowEvery(AGAIN);
  useEffect(() => {
    if (!begun) return;
    ask<HintList>("GET", `/api/suggestions?days=${DAYS}&limit=${MOST}`).then(setKnown, () => {});
  }, [begun, quarter]);
  return known;
}
