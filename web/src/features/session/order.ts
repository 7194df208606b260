import type { SessionShape } from "../../api/frames.gen";
import { wordsOf } from "./status";

const ENDED_SHOWN = 15 * 60_000;
/** Activity is compared in steps, so that two busy sessions do not change places at every frame. */
const STEP = 5 * 60_000;

const moment = (iso: string | null) => (iso === null ? 0 : Date.parse(iso));

/** Live sessions and those that ended less than fifteen minutes ago: by need, then longest waiting, then freshest. */
export function arranged(sessions: readonly SessionShape[], now: number): SessionShape[] {
  return sessions
    .filter((one) => one.status !== "completed" || now - moment(one.endedAt ?? one.lastActivityAt) < ENDED_SHOWN)
    .map((session) => ({ session, rank: wordsOf(session).rank }))
    .sort((a, b) => a.rank - b.rank || within(a.session, b.session, a.rank))
    .map(({ session }) => session);
}

function within(a: SessionShape, b: SessionShape, rank: number): number {
  const waited = rank <= 3 ? moment(a.state.since) - moment(b.state.since) : 0;
  const fresh = Math.floor(moment(b.lastActivityAt) / STEP) - Math.floor(moment(a.lastActivityAt) / STEP);
  return waited || fresh || moment(b.startedAt) - moment(a.startedAt) || a.id.localeCompare(b.id);
}

/** The order that is kept while somebody points at the list: the known ones stay, the gone leave, the new come last. */
export function kept(shown: readonly string[], wanted: readonly string[]): string[] {
  const there = new Set(wanted);
  const known = new Set(shown);
  return [...shown.filter((id) => there.has(id)), ...wanted.filter((id) => !known.has(id))];
}

/** How many would stand elsewhere. */
export const moved = (shown: readonly string[], wanted: readonly string[]): number =>
  wanted.filter((id, i) => shown[i] !== id).length;
