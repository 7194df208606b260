import { useSnapshot } from "../../state/live";
import { isLive, summary } from "./status";

/** How many sessions need somebody, run, wait, rest: as the status strip says it. */
export function Summary() {
  const sessions = useSnapshot()?.sessions;
  const parts = summary((sessions ?? []).filter(isLive));
  if (parts.length === 0) return <span className="text-ink-3">no live sessions</span>;
  return (
    <span className="truncate">
      {parts.map(({ text, rank }, i) => (
        <span key={rank}>
          {i > 0 && <span className="text-ink-3"> · </span>}
          <span className={rank === 1 ? "tone-you toned font-semibold" : rank === 5 ? "text-ink-3" : ""}>{text}</span>
        </span>
      ))}
    </span>
  );
}
