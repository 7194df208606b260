import { useState } from "react";
import type { SessionShape } from "../../api/frames.gen";
import { useStill } from "../../components/useHeld";
import { isAtWork } from "./tree";

interface Folds {
  isOpen: (session: SessionShape) => boolean;
  fold: (id: string) => void;
}

const atWork = (session: SessionShape) => session.subagents.some(isAtWork);

/** Which lanes show their subagents: those with one at work, until somebody decides; none opens or closes while `held`. */
export function useFolds(sessions: readonly SessionShape[], held: boolean): Folds {
  const [decided, setDecided] = useState<ReadonlyMap<string, boolean>>(new Map());
  const busy = useStill(new Set(sessions.filter(atWork).map(({ id }) => id)), held);
  const isOpen = (session: SessionShape) => decided.get(session.id) ?? busy.has(session.id);
  const fold = (id: string) => {
    const session = sessions.find((one) => one.id === id);
    if (session) setDecided((before) => new Map(before).set(id, !isOpen(session)));
  };
  return { isOpen, fold };
}
