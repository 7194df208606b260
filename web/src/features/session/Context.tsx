import type { ContextShape } from "../../api/frames.gen";
import { Meter } from "../../components/Meter";
import { percent } from "../../lib/format";
import { useNowEvery } from "../../state/clock";
import { useSnapshot } from "../../state/live";
import { contextStory, sizeWords, toneOf, turnsWords } from "./context";
import { isLive } from "./status";

/** How full the context of a session is, and when it will be compacted. */
export function Context({ context }: { context: ContextShape | null }) {
  const now = useNowEvery(60_000);
  if (!context) {
    return (
      <div className="lane-context text-12 text-ink-3" title="The agent has not reported a context yet.">
        <span className="lane-hint">context </span>—
      </div>
    );
  }
  const words = sizeWords(context);
  const turns = turnsWords(context);
  return (
    <div className="lane-context text-12" title={contextStory(context, now)}>
      <div className="flex items-center gap-2">
        <Meter share={context.share} tone={toneOf(context)} label="Context" words={words} className="flex-1" />
        <span className="min-w-10 text-right font-medium">{percent(context.share)}</span>
      </div>
      <p className="truncate text-ink-3">
        <span className="lane-hint">context </span>
        {words}
      </p>
      {turns && <p className={`truncate ${context.level === "healthy" ? "text-ink-3" : "text-ink-2"}`}>{turns}</p>}
    </div>
  );
}

/** The fullest context of a live session, as the status strip says it. */
export function Fullest() {
  const live = (useSnapshot()?.sessions ?? []).filter((session) => isLive(session) && session.context !== null);
  const fullest = live.reduce((most, one) => Math.max(most, one.context?.share ?? 0), 0);
  if (live.length === 0) return null;
  return (
    <a href="#sessions" className="segment max-xl:!hidden" title="The fullest context of a live session">
      <span className="text-ink-3">context</span>
      <span className="font-semibold">{percent(fullest)}</span>
    </a>
  );
}
