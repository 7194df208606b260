import { ChevronDown, ChevronRight, CornerDownRight } from "lucide-react";
import { useState } from "react";
import type { SubagentShape } from "../../api/frames.gen";
import { Ago, Money, Tokens } from "../../components/Figures";
import { model, percent, shortId } from "../../lib/format";
import { sizeWords } from "./context";
import { StatusGlyph } from "./StatusPill";
import { wordsOfStatus } from "./status";
import { isAtWork, nameOfHelper, sizeOf, sorted } from "./tree";

const SHOWN = 3;

/** The subagents of a session as a tree, those at work first; three of each branch are shown at once. */
export function Helpers({ subagents, under = "" }: { subagents: readonly SubagentShape[]; under?: string }) {
  const [all, setAll] = useState(false);
  const rest = subagents.length - SHOWN;
  return (
    <ul aria-label={under ? `Subagents of ${under}` : "Subagents"} className={under ? "branch" : "tree"}>
      {sorted(subagents)
        .slice(0, all ? undefined : SHOWN)
        .map((helper) => (
          <Helper key={helper.id} helper={helper} />
        ))}
      {rest > 0 && (
        <li className="helper-rest">
          <button type="button" className="control" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "Show fewer" : `+${rest} more`}
          </button>
        </li>
      )}
    </ul>
  );
}

/** Its own subagents are shown while it or one of them works, until somebody decides. */
function Helper({ helper }: { helper: SubagentShape }) {
  const [decided, decide] = useState<boolean | null>(null);
  const open = decided ?? isAtWork(helper);
  const below = sizeOf(helper.subagents);
  return (
    <li>
      <div className="helper">
        {below > 0 ? (
          <Twist helper={helper} below={below} open={open} turn={() => decide(!open)} />
        ) : (
          <CornerDownRight size={14} strokeWidth={1.75} aria-hidden="true" className="mx-1 text-edge" />
        )}
        <Name helper={helper} />
        <Doing helper={helper} />
        <Size helper={helper} />
        <span className="helper-cost">
          <Money value={helper.costUsd} />
        </span>
      </div>
      {below > 0 && open && <Helpers subagents={helper.subagents} under={nameOfHelper(helper)} />}
    </li>
  );
}

function Twist({
  helper,
  below,
  open,
  turn,
}: {
  helper: SubagentShape;
  below: number;
  open: boolean;
  turn: () => void;
}) {
  const Icon = open ? ChevronDown : ChevronRight;
  return (
    <button
      type="button"
      className="twist"
      aria-expanded={open}
      aria-label={`${below} below ${nameOfHelper(helper)}`}
      onClick={turn}
    >
      <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
    </button>
  );
}

function Doing({ helper }: { helper: SubagentShape }) {
  const words = wordsOfStatus(helper.status);
  return (
    <span className="helper-doing">
      <StatusGlyph words={words} size={14} />
      <span className={`tone-${words.tone} toned`}>{words.word}</span>
      <span className={`truncate text-ink-3 ${helper.status === "running" ? "max-sm:hidden" : ""}`}>
        <Ago at={helper.lastActivityAt} />
      </span>
    </span>
  );
}

function Name({ helper }: { helper: SubagentShape }) {
  const kind = helper.title ? helper.kind : null;
  return (
    <span className="helper-name" title={`${nameOfHelper(helper)} (${shortId(helper.id)})`}>
      <span className="helper-title text-ink">{nameOfHelper(helper)}</span>
      {kind && <span className="tag">{kind}</span>}
      <span className="helper-model text-ink-3 max-md:hidden">{model(helper.model)}</span>
    </span>
  );
}

function Size({ helper: { context, tokens } }: { helper: SubagentShape }) {
  return (
    <span className="helper-size">
      {context && <span title={`Context: ${sizeWords(context)}`}>context {percent(context.share)}</span>}
      <Tokens value={tokens.total} />
    </span>
  );
}
