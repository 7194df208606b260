import { useMemo, useState } from "react";
import type { SessionShape } from "../../api/frames.gen";
import { Panel } from "../../components/Panel";
import { useHeld, useStill } from "../../components/useHeld";
import { useKey } from "../../lib/keys";
import { useNowEvery } from "../../state/clock";
import { useSnapshot } from "../../state/live";
import { Heads } from "./Heads";
import { IdleRow } from "./IdleRow";
import { Lane } from "./Lane";
import { NothingLive } from "./NothingLive";
import { arranged } from "./order";
import { isLive, wordsOf } from "./status";
import { useFolds } from "./useFolds";
import { useLatest } from "./useLatest";
import { useOrder } from "./useOrder";
import { useWalk } from "./useWalk";

const FOLDED_RANK = 5;
const isQuiet = (session: SessionShape) => wordsOf(session).rank >= FOLDED_RANK;

/** All live sessions, those that need somebody first. Nothing moves while a pointer or the focus is inside. */
export function Lanes() {
  const sessions = useSnapshot()?.sessions;
  const now = useNowEvery(60_000);
  const wanted = useMemo(() => arranged(sessions ?? [], now), [sessions, now]);
  const { held, bind } = useHeld();
  const order = useOrder(wanted, held);
  const { isOpen, fold } = useFolds(order.sessions, held);
  const [unfolded, setUnfolded] = useState(false);
  const latest = useLatest(fold);
  useWalk(latest);
  useKey(".", order.apply);

  const quiet = useStill(new Set(wanted.filter(isQuiet).map(({ id }) => id)), held);
  const awake = order.sessions.filter(({ id }) => !quiet.has(id));
  const asleep = order.sessions.filter(({ id }) => quiet.has(id));
  const live = order.sessions.filter(isLive).length;
  const last = live === 0 ? (sessions?.[0] ?? null) : null;
  const rest = order.sessions.length === 0 && last ? [last] : asleep;
  const shown = unfolded || awake.length === 0 ? [...awake, ...rest] : awake;
  return (
    <Panel
      id="sessions"
      title="Live sessions"
      className="!p-0 [&>div:first-child]:mb-0 [&>div:first-child]:px-4 [&>div:first-child]:py-2.5"
      aside={<Aside live={live} moved={order.moved} apply={order.apply} />}
    >
      {live === 0 && <NothingLive last={last} />}
      <div className="lanes" {...bind}>
        {live > 0 && <Heads />}
        <ul>
          {shown.map((session) => (
            <Lane key={session.id} session={session} open={isOpen(session)} fold={latest} />
          ))}
        </ul>
        {awake.length > 0 && asleep.length > 0 && (
          <IdleRow sessions={asleep} shown={unfolded} toggle={() => setUnfolded(!unfolded)} />
        )}
      </div>
    </Panel>
  );
}

function Aside({ live, moved, apply }: { live: number; moved: number; apply: () => void }) {
  if (moved > 0) {
    return (
      <button type="button" className="control control-edge" onClick={apply} title="Apply the new order (.)">
        {moved} moved · reorder
      </button>
    );
  }
  return live > 0 ? <span className="text-13 text-ink-3">{live}</span> : null;
}
