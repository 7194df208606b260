import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import type { EvidenceShape, HintShape } from "../../api/frames.gen";
import { EmptyState } from "../../components/EmptyState";
import { Money } from "../../components/Figures";
import { Panel } from "../../components/Panel";
import { date, percent, plural } from "../../lib/format";
import { useNowEvery } from "../../state/clock";
import { DAYS, useHints } from "./hints";

const MEASURES: Record<HintShape["measure"], string> = {
  wasted: "need not have been paid",
  spent: "paid there",
  difference: "less at the other price",
};

/** What could cost less: each with its sessions, how often it happened, and for how much. */
export function Hints() {
  const known = useHints();
  return (
    <Panel
      id="hints"
      title="Suggestions"
      aside={<span className="text-12 text-ink-3">last {plural(DAYS, "day")}</span>}
    >
      {known === null || known.suggestions.length === 0 ? (
        <EmptyState what={known === null ? "Not looked yet." : "Nothing to suggest."}>
          Rebuilt caches, large contexts and failing tools appear here with their dollars.
        </EmptyState>
      ) : (
        <ul className="grid gap-3">
          {known.suggestions.map((hint) => (
            <Hint key={hint.key} hint={hint} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Hint({ hint }: { hint: HintShape }) {
  const [open, setOpen] = useState(false);
  const Icon = open ? ChevronDown : ChevronRight;
  return (
    <li className="grid gap-1 text-13">
      <div className="flex items-baseline gap-3">
        <h3 className="min-w-0 flex-1 font-medium">{hint.title}</h3>
        {hint.costUsd !== null && (
          <span className="flex-none font-semibold">
            <Money value={hint.costUsd} />
          </span>
        )}
      </div>
      <p className="text-12 text-ink-2">{hint.advice}</p>
      <p className="flex flex-wrap items-center gap-x-2 text-12 text-ink-3">
        <span>
          {hint.costUsd !== null && `${MEASURES[hint.measure]}, `}
          {hint.share !== null && `${percent(hint.share)} of all, `}
          {plural(hint.times, "time")}
        </span>
        <button type="button" aria-expanded={open} className="control !px-1" onClick={() => setOpen(!open)}>
          <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
          {plural(hint.sessions, "session")} <span className="sr-only">behind {hint.title}</span>
        </button>
      </p>
      {open && (
        <ul className="grid gap-1 pl-3 text-12">
          {hint.evidence.map((one) => (
            <Evidence key={one.sessionId} evidence={one} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Evidence({
  evidence: { name, title, project, times, costUsd, firstAt, lastAt },
}: {
  evidence: EvidenceShape;
}) {
  const now = useNowEvery(60_000);
  const [first, last] = [date(Date.parse(firstAt), now), date(Date.parse(lastAt), now)];
  return (
    <li className="flex items-baseline gap-2">
      <span className="min-w-0 flex-1 truncate" title={title ?? undefined}>
        {name ?? project} <span className="text-ink-3">{title}</span>
      </span>
      <span className="flex-none text-ink-3">
        {first === last ? first : `${first} to ${last}`}, {plural(times, "time")}
      </span>
      {costUsd !== null && <Money value={costUsd} />}
    </li>
  );
}
