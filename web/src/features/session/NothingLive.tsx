import type { SessionShape } from "../../api/frames.gen";
import { EmptyState } from "../../components/EmptyState";
import { Ago } from "../../components/Figures";
import { nameOf } from "../../state/picture";

/** Nothing runs: what ran last, and what happens next. */
export function NothingLive({ last }: { last: SessionShape | null }) {
  return (
    <div className="border-line border-t px-4 py-4">
      <EmptyState what="Nothing is running.">
        {last?.lastActivityAt ? (
          <p>
            Last: {nameOf(last)}, <Ago at={last.lastActivityAt} />. A session appears here with its first answer.
          </p>
        ) : (
          <p>A session appears here with its first answer.</p>
        )}
      </EmptyState>
    </div>
  );
}
