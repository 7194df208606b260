import { useEffect, useState } from "react";
import { useNow } from "../../state/clock";
import { useLive } from "../../state/live";
import { linkWords } from "./words";

const NOTE_FOR = 1_000;

/** A dot, a word and the measured delay: whether what stands below can be believed. */
export function LinkState() {
  const link = useLive((state) => state.link);
  const delay = useLive((state) => state.delay);
  const paused = useLive((state) => state.paused);
  const waiting = useLive((state) => state.waiting);
  const now = useNow() - link.offset;
  const renewed = useRenewed();
  const { word, detail, tone } = linkWords({ link, delay, paused, waiting }, now);
  return (
    <span className="flex min-w-0 items-center gap-2" title={TITLES[word]}>
      <span className={`dot tone-${tone}`} />
      <span className="font-medium">{renewed ? "refreshed" : word}</span>
      {detail && !renewed && (
        <span className={`truncate text-ink-3 ${link.state === "live" ? "max-sm:hidden" : ""}`}>{detail}</span>
      )}
    </span>
  );
}

const TITLES: Record<string, string> = {
  live: "From the line in the log to this page: the median of the last 20 updates",
  slow: "From the line in the log to this page: the median of the last 20 updates",
};

/** True for a second after the server had to begin anew. */
function useRenewed(): boolean {
  const resyncs = useLive((state) => state.picture.resyncs);
  const [seen, setSeen] = useState(resyncs);
  useEffect(() => {
    const timer = setTimeout(() => setSeen(resyncs), NOTE_FOR);
    return () => clearTimeout(timer);
  }, [resyncs]);
  return seen !== resyncs;
}
