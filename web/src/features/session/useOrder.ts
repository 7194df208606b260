import { useMemo, useState } from "react";
import type { SessionShape } from "../../api/frames.gen";
import { kept, moved } from "./order";

interface Order {
  sessions: SessionShape[];
  /** How many would move if the order were applied now. */
  moved: number;
  apply: () => void;
}

/** The sessions in the order to show: the wanted one, or while `held` the one that was shown before. */
export function useOrder(wanted: SessionShape[], held: boolean): Order {
  const [frozen, setFrozen] = useState<string[] | null>(null);
  const ids = wanted.map((session) => session.id);
  if (held && frozen === null) setFrozen(ids);
  if (!held && frozen !== null) setFrozen(null);
  const shown = held && frozen !== null ? kept(frozen, ids) : ids;
  const byId = useMemo(() => new Map(wanted.map((session) => [session.id, session])), [wanted]);
  return {
    sessions: shown.flatMap((id) => byId.get(id) ?? []),
    moved: moved(shown, ids),
    apply: () => setFrozen(held ? ids : null),
  };
}
