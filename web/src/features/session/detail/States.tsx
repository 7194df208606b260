import type { StatesShape } from "../../../api/frames.gen";
import { EmptyState } from "../../../components/EmptyState";
import { duration, percent } from "../../../lib/format";
import type { Tone } from "../../../lib/tone";
import { Section } from "./Section";

type Kind = Exclude<keyof StatesShape, "totalMs" | "sources">;

const KINDS: readonly { key: Kind; word: string; tone: Tone }[] = [
  { key: "workingMs", word: "Working", tone: "ok" },
  { key: "compactingMs", word: "Compacting", tone: "ok" },
  { key: "permissionMs", word: "Needed approval", tone: "you" },
  { key: "questionMs", word: "Had a question", tone: "you" },
  { key: "waitingMs", word: "Your turn", tone: "info" },
  { key: "limitedMs", word: "At a limit", tone: "danger" },
  { key: "errorMs", word: "Stopped by an error", tone: "danger" },
  { key: "idleMs", word: "Idle", tone: "idle" },
];

/** How long it was in which state; what it never was is left out. */
export function States({ states }: { states: StatesShape }) {
  const { totalMs, permissionMs } = states;
  const known = KINDS.map((kind) => ({ ...kind, ms: states[kind.key] ?? 0 })).filter(({ ms }) => ms > 0);
  return (
    <Section title="Time" aside={totalMs > 0 ? duration(totalMs) : ""}>
      {totalMs === 0 ? (
        <EmptyState what="Nothing yet.">Its first line has only just come.</EmptyState>
      ) : (
        <>
          <div aria-hidden="true" className="flex h-3.5 gap-px overflow-hidden rounded-full bg-s2">
            {known.map(({ key, tone, ms }) => (
              <span key={key} className={`state-part state-${key} tone-${tone}`} style={{ flexGrow: ms / totalMs }} />
            ))}
          </div>
          <dl className="grid gap-1 text-12 sm:grid-cols-2 sm:gap-x-8">
            {known.map(({ key, word, tone, ms }) => (
              <div key={key} className="flex items-center gap-2">
                <dt className="flex flex-1 items-center gap-2 text-ink-2">
                  <span className={`swatch-key state-part state-${key} tone-${tone}`} />
                  {word}
                </dt>
                <dd className="font-medium">{duration(ms)}</dd>
                <dd className="w-11 text-right text-ink-3">{percent(ms / totalMs)}</dd>
              </div>
            ))}
          </dl>
          <p className="text-12 text-ink-3">
            {permissionMs === null
              ? "Told by the log, up to its last line. It does not tell when an approval was needed: that counts as working."
              : "Told by the log, up to its last line, and by hooks when an approval was needed."}
          </p>
        </>
      )}
    </Section>
  );
}
