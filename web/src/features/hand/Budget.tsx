import type { SessionShape } from "../../api/frames.gen";
import { Meter } from "../../components/Meter";
import { date, money, percent, tokens } from "../../lib/format";
import { bandOf } from "./band";
import { spent } from "./standing";

/** How much of the budget is gone, where it may end, and how likely it will not last. */
export function Budget({ session, now }: { session: SessionShape; now: number }) {
  const { budget, forecast } = session;
  if (budget === null) return null;
  const bounds = [
    budget.tokens === null ? [] : [`${tokens(budget.tokens)} tokens`],
    budget.costUsd === null ? [] : [money(budget.costUsd)],
  ];
  const words = `${percent(budget.usedShare)} of ${bounds.flat().join(" or ")}`;
  const band = bandOf(budget, forecast);
  const likely = forecast?.overrunProbability ?? null;
  const [limit, until] = [forecast?.limitAt ?? null, session.timer?.endsAt ?? null];
  const early = limit !== null && until !== null && limit.expected < until ? limit : null;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Meter
          share={budget.usedShare}
          band={band}
          tone={spent(budget.usedShare)}
          label="Budget used"
          words={words}
          className="w-24 sm:w-40"
        />
        <span className="text-12 text-ink-2">{words}</span>
      </div>
      {band && (
        <p className="text-12 text-ink-2" title="Four of five stretches like this one end in this range.">
          {percent(band.expected)} expected at the end ({percent(band.low)} to {percent(band.high)})
          {likely !== null && likely >= 0.1 && (
            <span className="block">
              {percent(likely)} likely to pass it
              {early && `, about ${date(Date.parse(early.expected), now)}`}
            </span>
          )}
        </p>
      )}
    </>
  );
}
