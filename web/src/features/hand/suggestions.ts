/** Checkpoints that an agent's work suggests: those of before are asked for, newer ones come with the frames. */
import { useEffect, useMemo } from "react";
import { create } from "zustand";
import type { SessionCheckpoint, SuggestionList, SuggestionShape } from "../../api/frames.gen";
import { ask } from "../../api/rest";
import { useLive } from "../../state/live";
import { complain } from "../../state/toasts";

export type Suggested = Omit<SuggestionShape, "sessionName">;

interface Known {
  loaded: readonly Suggested[];
  /** What was accepted or dismissed here, and may not have come back yet. */
  done: ReadonlySet<string>;
}

export const useKnown = create<Known>(() => ({ loaded: [], done: new Set() }));

/** A checkpoint has another id than what suggested it, but tells of the same deed. */
const deedOf = ({ sessionId, agentSession, source, at }: Suggested) => [sessionId, agentSession, source, at].join(" ");

/** What is open of one session, newest first: a frame's word is newer than what was asked for before it. */
export function openOf(session: string, told: readonly SessionCheckpoint[], { loaded, done }: Known): Suggested[] {
  const byDeed = new Map<string, Suggested>(loaded.map((one) => [deedOf(one), one]));
  for (const { sessionId, data } of told.toReversed()) {
    const one = { ...data, sessionId };
    byDeed.set(deedOf(one), one);
  }
  return [...byDeed.values()]
    .filter((one) => one.suggested && one.sessionId === session && !done.has(one.id))
    .sort((a, b) => b.at.localeCompare(a.at));
}

export function useSuggestions(session: string): Suggested[] {
  const told = useLive((state) => state.picture.checkpoints);
  const known = useKnown();
  return useMemo(() => openOf(session, told, known), [session, told, known]);
}

/** Asks for them whenever the server began anew; without an answer there are those that the frames bring. */
export function useLoadedSuggestions(wanted: boolean): void {
  const begun = useLive(({ picture: { epoch, resyncs }, link }) => link.state === "live" && `${epoch} ${resyncs}`);
  useEffect(() => {
    if (!wanted || begun === false) return;
    ask<SuggestionList>("GET", "/api/checkpoints/suggested").then(
      ({ suggestions }) => useKnown.setState({ loaded: suggestions }),
      () => {},
    );
  }, [wanted, begun]);
}

/** Marks the checkpoint, or lets it go; taken back in the server's words when it refuses. */
export async function settle({ id, sessionId }: Suggested, verb: "accept" | "dismiss"): Promise<void> {
  useKnown.setState(({ done }) => ({ done: new Set([...done, id]) }));
  try {
    await ask("POST", `/api/sessions/${encodeURIComponent(sessionId)}/checkpoints/${encodeURIComponent(id)}/${verb}`);
  } catch (trouble) {
    useKnown.setState(({ done }) => ({ done: new Set([...done].filter((one) => one !== id)) }));
    complain(`checkpoint ${id}`, trouble);
  }
}
