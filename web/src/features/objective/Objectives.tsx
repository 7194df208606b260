import { Circle, CircleCheck, CirclePlay } from "lucide-react";
import { useState } from "react";
import type { ObjectiveShape } from "../../api/frames.gen";
import { EmptyState } from "../../components/EmptyState";
import { Money, Tokens } from "../../components/Figures";
import { Panel } from "../../components/Panel";
import { duration } from "../../lib/format";
import { useSnapshot } from "../../state/live";
import { nameOf } from "../../state/picture";
import { useObjectives, withAims } from "./objectives";

const SHOWN = 6;

const GLYPHS = {
  in_progress: { Icon: CirclePlay, word: "In progress", tone: "tone-ok toned" },
  pending: { Icon: Circle, word: "Open", tone: "text-ink-3" },
  completed: { Icon: CircleCheck, word: "Done", tone: "text-ink-3" },
  deleted: { Icon: Circle, word: "Given up", tone: "text-ink-3" },
} as const;

/** What a session set out to do: how far it is, and what each part took. */
export function Objectives() {
  const sessions = withAims(useSnapshot()?.sessions ?? []);
  const [chosen, choose] = useState("");
  const session = sessions.find(({ id }) => id === chosen) ?? sessions[0] ?? null;
  if (session !== null && session.id !== chosen) choose(session.id); // it stays, whoever is heard of next
  const objectives = useObjectives(session);
  return (
    <Panel
      id="objectives"
      title="Objectives"
      aside={
        session?.objectives && (
          <span className="text-12 text-ink-3">
            {session.objectives.done} of {session.objectives.total} done
          </span>
        )
      }
    >
      {session === null ? (
        <EmptyState what="No session has named any.">Task lists, accepted plans and goals appear here.</EmptyState>
      ) : (
        <>
          <label className="mb-2 flex items-center gap-2 text-12 text-ink-3">
            Session
            <select className="field min-w-0 flex-1" value={session.id} onChange={({ target }) => choose(target.value)}>
              {sessions.map((one) => (
                <option key={one.id} value={one.id}>
                  {nameOf(one)}
                </option>
              ))}
            </select>
          </label>
          <List objectives={objectives ?? []} />
        </>
      )}
    </Panel>
  );
}

function List({ objectives }: { objectives: readonly ObjectiveShape[] }) {
  const [all, setAll] = useState(false);
  return (
    <>
      <ul className="grid gap-2">
        {objectives.slice(0, all ? undefined : SHOWN).map((objective) => (
          <Row key={objective.id} objective={objective} />
        ))}
      </ul>
      {objectives.length > SHOWN && (
        <button type="button" className="control -ml-2.5 mt-1 self-start" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${objectives.length}`}
        </button>
      )}
    </>
  );
}

function Row({ objective: { title, state, source, inProgressMs, tokens, costUsd } }: { objective: ObjectiveShape }) {
  const { Icon, word, tone } = GLYPHS[state];
  return (
    <li className="flex items-start gap-2 text-13" title={`${word}, told by ${source}`}>
      <Icon size={16} strokeWidth={1.75} aria-hidden="true" className={`mt-px flex-none ${tone}`} />
      <span className="sr-only">{word}: </span>
      <span className={`min-w-0 flex-1 truncate ${state === "completed" ? "text-ink-2" : ""}`}>{title}</span>
      {tokens.total > 0 && (
        <span className="flex-none text-12 text-ink-3">
          {inProgressMs > 0 && <span className="max-sm:hidden">{duration(inProgressMs)} · </span>}
          <Tokens value={tokens.total} /> · <Money value={costUsd} />
        </span>
      )}
    </li>
  );
}
