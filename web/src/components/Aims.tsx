import { Circle, CircleCheck, CirclePlay, CircleX } from "lucide-react";
import { useId, useState } from "react";
import type { ObjectiveShape } from "../api/frames.gen";
import { apart, sourceOf } from "../lib/aims";
import { duration, plural } from "../lib/format";
import { Money, Tokens } from "./Figures";

const GLYPHS = {
  in_progress: { Icon: CirclePlay, word: "In progress", tone: "tone-ok toned" },
  pending: { Icon: Circle, word: "Open", tone: "text-ink-3" },
  completed: { Icon: CircleCheck, word: "Done", tone: "text-ink-3" },
  deleted: { Icon: CircleX, word: "Given up", tone: "text-ink-3" },
} as const;

const SHOWN = 6;
const SHOWN_OF_REST = 2;

/** Objectives; what subagents were called for stands apart where it is not counted. */
export function Aims({ aims }: { aims: readonly ObjectiveShape[] }) {
  const { counted, rest } = apart(aims);
  const id = useId();
  return (
    <>
      <Some aims={counted} shown={SHOWN} />
      {rest.length > 0 && (
        <>
          <p id={id} className="mt-3 mb-2 border-line border-t pt-3 text-12 text-ink-3">
            For {plural(rest.length, "subagent")}, not counted as done or open
          </p>
          <Some aims={rest} shown={SHOWN_OF_REST} labelledBy={id} />
        </>
      )}
    </>
  );
}

/** The first few at once. */
function Some({ aims, shown, labelledBy }: { aims: readonly ObjectiveShape[]; shown: number; labelledBy?: string }) {
  const [all, setAll] = useState(false);
  return (
    <>
      <ul className="grid gap-2.5" aria-labelledby={labelledBy}>
        {aims.slice(0, all ? undefined : shown).map((aim) => (
          <Aim key={aim.id} aim={aim} />
        ))}
      </ul>
      {aims.length > shown && (
        <button
          type="button"
          className="control -ml-2.5 mt-1 self-start justify-self-start"
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {all ? "Show fewer" : `Show all ${aims.length}`}
        </button>
      )}
    </>
  );
}

/** One objective: how far it is, who says so, how long it took, and what was used for it. */
function Aim({
  aim: { title, state, source, inProgressMs, sharedMs, subagent, tokens, costUsd },
}: {
  aim: ObjectiveShape;
}) {
  const { Icon, word, tone } = GLYPHS[state];
  const used = tokens.total > 0;
  const shared = sharedMs > 0 ? `${duration(sharedMs)} of it shared evenly with others` : undefined;
  const measured = subagent === null ? "What was used while it was in progress" : "What its own subagent used";
  return (
    <li className="grid grid-cols-[16px_minmax(0,1fr)_auto] gap-x-2 text-13">
      <Icon size={16} strokeWidth={1.75} aria-hidden="true" className={`mt-px ${tone}`} />
      <p className={`truncate ${state === "completed" || state === "deleted" ? "text-ink-2" : ""}`} title={title}>
        <span className="sr-only">{word}: </span>
        {title}
      </p>
      <span className="text-right" title={used ? measured : undefined}>
        {used && <Money value={costUsd} />}
      </span>
      <p className="col-start-2 truncate text-12 text-ink-3">
        {sourceOf(source)}
        {inProgressMs > 0 && (
          <span title={shared}>
            {" "}
            · {duration(inProgressMs)}
            {shared && " shared"}
          </span>
        )}
      </p>
      <span className="text-right text-12 text-ink-3">{used && <Tokens value={tokens.total} />}</span>
    </li>
  );
}
