import { useState } from "react";
import { Aims } from "../../components/Aims";
import { EmptyState } from "../../components/EmptyState";
import { Panel } from "../../components/Panel";
import { useSnapshot } from "../../state/live";
import { nameOf } from "../../state/picture";
import { useObjectives, withAims } from "./objectives";

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
          {objectives === null ? <div className="skeleton h-20" /> : <Aims aims={objectives} />}
        </>
      )}
    </Panel>
  );
}
