/** What a session set out to do: asked for when it says something new of it, and once a minute while it works. */
import { useEffect, useState } from "react";
import type { ObjectiveList, ObjectiveShape, SessionShape } from "../../api/frames.gen";
import { ask } from "../../api/rest";
import { arranged } from "../../lib/aims";
import { useNowEvery } from "../../state/clock";
import { useLive } from "../../state/live";

const MINUTE = 60_000;
/** What is said in quick succession is asked for once. */
const CALM = 1_000;

export interface Known {
  session: string;
  objectives: readonly ObjectiveShape[];
}

/** Those of the session, open ones first, the newest of the others next; null until the server has answered. */
export function useObjectives(session: SessionShape | null): readonly ObjectiveShape[] | null {
  const [known, setKnown] = useState<Known | null>(null);
  const live = useLive((state) => state.link.state === "live");
  const minute = useNowEvery(MINUTE);
  const id = session?.id ?? null;
  const said = session?.objectives ? Object.values(session.objectives).join(" ") : "";
  const beat = session?.status === "running" ? minute : 0;
  useEffect(() => {
    if (id === null || !live) return;
    const look = () =>
      ask<ObjectiveList>("GET", `/api/sessions/${encodeURIComponent(id)}/objectives`).then(
        ({ objectives }) =>
          setKnown({ session: id, objectives: arranged(objectives.filter(({ state }) => state !== "deleted")) }),
        () => {}, // what is known stays
      );
    const timer = setTimeout(look, CALM);
    return () => clearTimeout(timer);
  }, [id, said, beat, live]);
  return known !== null && known.session === id ? known.objectives : null;
}

/** Sessions that named something, the one that was heard of last first. */
export const withAims = (sessions: readonly SessionShape[]): SessionShape[] =>
  sessions
    .filter(({ objectives }) => objectives !== null && objectives.total > 0)
    .sort((a, b) => (b.lastActivityAt ?? "").localeCompare(a.lastActivityAt ?? ""));
