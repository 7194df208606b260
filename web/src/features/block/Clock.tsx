import { Meter } from "../../components/Meter";
import { countdown, duration, percent, UNKNOWN } from "../../lib/format";
import { shareOf, toneOf, windowOf } from "../../lib/limits";
import { useNow } from "../../state/clock";
import { useSnapshot } from "../../state/live";
import { passed } from "./passed";

/** The window's countdown and its bar, as the status strip shows them. */
export function Clock() {
  const snapshot = useSnapshot();
  const block = snapshot?.block ?? null;
  const limit = windowOf(snapshot?.quota ?? null, "five_hour");
  const now = useNow();
  const left = block?.isActive ? Date.parse(block.endAt) - now : 0;
  if (!block?.isActive || left <= -60_000) {
    return (
      <>
        <span className="text-ink-3 max-sm:hidden">5 h</span>
        <span title="No window is open. The next request starts one.">{UNKNOWN}</span>
      </>
    );
  }
  const share = passed(block, now);
  return (
    <>
      <span className="text-ink-3 max-sm:hidden">5 h</span>
      <span role="timer" aria-live="off" aria-label="Time left in the window" className="font-semibold">
        {countdown(left)}
      </span>
      <Meter
        share={limit ? shareOf(limit) : share}
        expected={limit ? share : null}
        tone={limit ? toneOf(limit) : "info"}
        label={limit ? "Limit used" : "Window passed"}
        words={`${limit ? `${percent(shareOf(limit))} used, ` : ""}${percent(share)} of the five hours passed, ${duration(Math.max(0, left))} left`}
        className="w-24 max-lg:hidden"
      />
      {limit && <span className="font-semibold">{percent(shareOf(limit))}</span>}
      {block.anchor === "estimated" && <span className="text-12 text-ink-3 max-lg:hidden">estimated</span>}
    </>
  );
}
