import type { SessionShape } from "../../api/frames.gen";
import { Money, Tokens } from "../../components/Figures";
import { Panel } from "../../components/Panel";
import { Ring } from "../../components/Ring";
import { countdown, date, duration, plural } from "../../lib/format";
import { useNow } from "../../state/clock";
import { useLive } from "../../state/live";
import { Budget } from "./Budget";
import { Suggestions } from "./Suggestions";
import { remaining, standing, toneOf } from "./standing";
import { useLoadedSuggestions } from "./suggestions";

/** Sessions that a person started: how much time is left, and how much of the budget. */
export function Hands() {
  const hands = useLive((state) => state.picture.hands);
  useLoadedSuggestions(hands.length > 0);
  if (hands.length === 0) return null;
  return (
    <Panel id="hands" title="By hand" aside={<span className="text-13 text-ink-3">{hands.length}</span>}>
      <ul className="flex flex-wrap gap-x-10 gap-y-5">
        {hands.map((session) => (
          <li key={session.id} className="min-w-0">
            <Hand session={session} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Hand({ session }: { session: SessionShape }) {
  const now = useNow();
  const { timer } = session;
  if (timer === null) return null;
  const left = remaining(timer, now);
  const state = standing(timer, now);
  return (
    <article aria-label={session.name ?? session.id} className="hand">
      <Ring share={1 - left / timer.durationMs} tone={toneOf(state)}>
        <span role="timer" aria-live="off" aria-label="Time left" className="font-semibold text-28">
          {left > 0 ? countdown(left, "ring") : duration(timer.durationMs)}
        </span>
        <span className="text-12 text-ink-3">{state}</span>
      </Ring>
      <div className="grid min-w-0 gap-2">
        <h3 className="max-w-72 truncate font-semibold text-14" title={session.name ?? undefined}>
          {session.name}
        </h3>
        <p className="text-13">
          <Tokens value={session.tokens.total} /> ·{" "}
          <Money value={session.costUsd} unpricedTokens={session.costUsd === null ? 0 : session.unpricedTokens} />
        </p>
        <Budget session={session} now={now} />
        {timer.endsAt !== null && state === "running" && (
          <p className="text-12 text-ink-3">ends {date(Date.parse(timer.endsAt), now)}</p>
        )}
        {timer.jumps.length > 0 && (
          <p className="text-12 text-ink-3" title={jumpWords(timer)}>
            {plural(timer.jumps.length, "clock jump")} noted
          </p>
        )}
      </div>
      <Suggestions session={session.id} />
    </article>
  );
}

const jumpWords = (timer: NonNullable<SessionShape["timer"]>): string =>
  timer.jumps
    .map(({ kind, byMs }) =>
      kind === "suspend"
        ? `The machine slept for ${duration(byMs)}; that counts.`
        : `The clock was set ${byMs > 0 ? "forward" : "back"} by ${duration(Math.abs(byMs))}; the timer made up for it.`,
    )
    .join(" ");
