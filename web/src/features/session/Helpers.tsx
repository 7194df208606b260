import { CornerDownRight } from "lucide-react";
import type { SubagentShape } from "../../api/frames.gen";
import { Ago, Money, Tokens } from "../../components/Figures";
import { model, percent, shortId } from "../../lib/format";
import { sizeWords } from "./context";
import { StatusGlyph } from "./StatusPill";
import { wordsOfStatus } from "./status";

const SHOWN = 3;

/** The subagents of a session, those at work first; three are shown. */
export function Helpers({ subagents }: { subagents: readonly SubagentShape[] }) {
  const sorted = [...subagents].sort(
    (a, b) =>
      wordsOfStatus(a.status).rank - wordsOfStatus(b.status).rank || b.lastActivityAt.localeCompare(a.lastActivityAt),
  );
  const rest = sorted.length - SHOWN;
  return (
    <ul aria-label="Subagents">
      {sorted.slice(0, SHOWN).map((helper) => (
        <Helper key={helper.id} helper={helper} />
      ))}
      {rest > 0 && <li className="helper helper-rest">+{rest} more</li>}
    </ul>
  );
}

function Helper({ helper }: { helper: SubagentShape }) {
  const words = wordsOfStatus(helper.status);
  return (
    <li className="helper">
      <CornerDownRight size={14} strokeWidth={1.75} aria-hidden="true" className="text-edge" />
      <span className="flex items-center gap-1.5 truncate">
        <StatusGlyph words={words} size={14} />
        <span className={`tone-${words.tone} toned`}>{words.word}</span>
        <span className="text-ink-3">
          <Ago at={helper.lastActivityAt} />
        </span>
      </span>
      <span className="truncate text-right sm:text-left">
        {model(helper.model)} <span className="text-ink-3 max-sm:hidden">{shortId(helper.id)}</span>
      </span>
      <span className="text-right">
        {helper.context && (
          <span className="mr-3 text-ink-3 max-sm:hidden" title={`Context: ${sizeWords(helper.context)}`}>
            context {percent(helper.context.share)}
          </span>
        )}
        <span className="mr-3 text-ink-3 max-sm:hidden">
          <Tokens value={helper.tokens.total} />
        </span>
        <Money value={helper.costUsd} />
      </span>
    </li>
  );
}
