import { Check, X } from "lucide-react";
import { plural, time } from "../../lib/format";
import { type Suggested, settle, useSuggestions } from "./suggestions";

const SOURCES: Record<Suggested["source"], string> = {
  plan: "an accepted plan",
  commit: "a commit",
  "pull-request": "a pull request",
  compaction: "a compaction",
  person: "a person",
};

/** The newest thing that may be a checkpoint: accept it, or let it go. */
export function Suggestions({ session }: { session: string }) {
  const suggestions = useSuggestions(session);
  const [newest] = suggestions;
  if (!newest) return null;
  const what = `Suggested by ${SOURCES[newest.source]} at ${time(Date.parse(newest.at))}`;
  const more = suggestions.length - 1;
  return (
    <div className="hand-suggestion">
      <p className="min-w-0 flex-1 text-12">
        <span className="block truncate font-medium" title={newest.phase}>
          {newest.phase}
        </span>
        <span className="text-ink-3">
          {what}
          {more > 0 && `, ${plural(more, "more", "more")}`}
        </span>
      </p>
      <button type="button" className="control control-edge" onClick={() => void settle(newest, "accept")}>
        <Check size={14} strokeWidth={1.75} aria-hidden="true" />
        Mark<span className="sr-only"> the checkpoint {newest.phase}</span>
      </button>
      <button
        type="button"
        className="control !px-1.5"
        title="Not a checkpoint"
        aria-label={`Dismiss the suggested checkpoint ${newest.phase}`}
        onClick={() => void settle(newest, "dismiss")}
      >
        <X size={14} strokeWidth={1.75} aria-hidden="true" />
      </button>
    </div>
  );
}
