import { wordsOf } from "../features/session/status";
import type { Live } from "../state/live";
import { nameOf } from "../state/picture";

const NEEDS_SOMEBODY = 3;

/** What changed from one state to the next that somebody must hear, or null. */
export function announcement(before: Live, now: Live): string | null {
  const link = before.link.state === now.link.state ? null : now.link.state;
  if (link === "offline") return "Connection lost. The figures are old.";
  if (link === "live" && before.link.state === "offline") return "Connection is back.";
  if (before.picture.snapshot === null || now.picture.snapshot === before.picture.snapshot) return null;
  const known = new Map(before.picture.snapshot.sessions.map((session) => [session.id, session]));
  for (const session of now.picture.snapshot?.sessions ?? []) {
    const old = known.get(session.id);
    if (!old || old === session) continue;
    const words = wordsOf(session);
    if (words.rank <= NEEDS_SOMEBODY && wordsOf(old).word !== words.word) return `${nameOf(session)}: ${words.word}`;
  }
  return null;
}
