import { CircleAlert, Flag, type LucideIcon, MessageSquare, Milestone, Wrench } from "lucide-react";
import { memo, useState } from "react";
import { EmptyState } from "../../components/EmptyState";
import { Panel } from "../../components/Panel";
import { useHeld, useStill } from "../../components/useHeld";
import { shortId, timeSeconds } from "../../lib/format";
import { useLive } from "../../state/live";
import type { Happening } from "../../state/picture";
import { lineOf } from "./words";

const SHOWN = 10;

/** The newest events first. The list keeps still while somebody points at it. */
export function Activity() {
  const newest = useLive((state) => state.picture.happenings);
  const names = useLive((state) => state.picture.names);
  const { held, bind } = useHeld();
  const list = useStill(newest, held);
  const [all, setAll] = useState(false);
  const top = Math.max(0, ...list.map((one) => one.seq));
  const fresh = newest.filter((one) => one.seq > top).length;
  return (
    <Panel
      id="activity"
      title="Activity"
      className={list.length > 0 ? "!pb-2" : ""}
      aside={fresh > 0 && <span className="text-12 text-ink-3">{fresh} new</span>}
    >
      {list.length === 0 ? (
        <EmptyState what="Nothing yet.">Tools, objectives and errors appear here as they happen.</EmptyState>
      ) : (
        <div {...bind}>
          <ol className="happenings">
            {list.slice(0, all ? undefined : SHOWN).map((one) => (
              <Row
                key={`${one.seq} ${one.type}`}
                happening={one}
                name={names[one.sessionId] ?? shortId(one.sessionId)}
              />
            ))}
          </ol>
          {list.length > SHOWN && (
            <button type="button" className="control -ml-2.5 mt-1" onClick={() => setAll(!all)}>
              {all ? "Show fewer" : `Show all ${list.length}`}
            </button>
          )}
        </div>
      )}
    </Panel>
  );
}

const GLYPHS: Record<Happening["type"], LucideIcon> = {
  "session:tool": Wrench,
  "session:objective": Flag,
  "session:error": CircleAlert,
  "session:checkpoint": Milestone,
  turn: MessageSquare,
};

const Row = memo(function Row({ happening, name }: { happening: Happening; name: string }) {
  const { verb, object, outcome, tone } = lineOf(happening);
  const Icon = GLYPHS[happening.type];
  return (
    <li className="happening">
      <time dateTime={happening.at} className="text-ink-3">
        {timeSeconds(Date.parse(happening.at))}
      </time>
      <span className="truncate text-ink-2">{name}</span>
      <span className={`flex min-w-0 items-center gap-2 ${tone ? `tone-${tone}` : ""}`}>
        <Icon
          size={14}
          strokeWidth={1.75}
          aria-hidden="true"
          className={`flex-none ${tone ? "toned" : "text-ink-3"}`}
        />
        <span className="truncate">
          <span className="font-medium">{verb}</span> <span className="text-ink-2">{object}</span>
        </span>
      </span>
      <span className={`whitespace-nowrap text-right ${tone ? `tone-${tone} toned` : "text-ink-3"}`}>{outcome}</span>
    </li>
  );
});
