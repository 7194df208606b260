import { Meter } from "../../components/Meter";
import { percent } from "../../lib/format";
import { shareOf, toneOf, windowOf } from "../../lib/limits";
import { useSnapshot } from "../../state/live";
import { percentWords } from "./words";

/** The week's limit as the status strip shows it; nothing where the plan has none. */
export function Week() {
  const week = windowOf(useSnapshot()?.quota ?? null, "seven_day");
  if (week === null) return null;
  return (
    <a href="#limits" className="segment max-md:!hidden">
      <span className="text-ink-3">week</span>
      <Meter
        share={shareOf(week)}
        expected={week.pace === null ? null : week.pace.expectedPercentage / 100}
        tone={toneOf(week)}
        label="Week used"
        words={`${percentWords(week)} used`}
        className="w-16 max-xl:hidden"
      />
      <span className="font-semibold">{percent(shareOf(week))}</span>
    </a>
  );
}
