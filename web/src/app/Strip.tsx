import { Money, Tokens } from "../components/Figures";
import { Bell } from "../features/alerts/Bell";
import { Clock } from "../features/block/Clock";
import { LinkState } from "../features/connection/LinkState";
import { Progress } from "../features/connection/Progress";
import { Health } from "../features/health/Health";
import { Week } from "../features/quota/Week";
import { Fullest } from "../features/session/Context";
import { Summary } from "../features/session/Summary";
import { useLive, useSnapshot } from "../state/live";

/** One line that answers at a glance; each part leads to its panel. */
export function Strip() {
  const snapshot = useSnapshot();
  const today = snapshot?.today;
  const reading = (snapshot?.progress ?? null) !== null;
  const stale = useLive((state) => state.link.state !== "live");
  return (
    <div className="strip mx-auto max-w-[1600px] px-4 md:px-6">
      <div className="flex h-full items-center">
        <span className="segment min-w-0 md:shrink-0">
          <LinkState />
        </span>
        <a href="#sessions" className="segment min-w-0 max-md:!hidden">
          <Summary />
        </a>
        <a href="#window" className={`segment ${stale ? "text-ink-3 max-[379px]:!hidden" : ""}`}>
          <Clock />
        </a>
        <Week />
        <a href="#today" className={`segment ${stale ? "max-sm:!hidden" : ""}`}>
          <span className="font-semibold">
            <Money
              value={today?.costUsd ?? null}
              unpricedTokens={today?.unpricedTokens}
              understated={today?.understatedRequests}
            />
          </span>
          <span className="text-ink-3 max-lg:hidden">today</span>
        </a>
        <a href="#today" className={`segment max-xl:!hidden ${reading ? "!hidden" : ""}`}>
          <span className="font-semibold">
            <Tokens value={today?.tokens.total ?? null} />
          </span>
          <span className="text-ink-3">tokens</span>
        </a>
        <Fullest />
        <span className="ml-auto flex h-full items-center gap-4">
          <Progress />
          <Bell />
          <Health />
        </span>
      </div>
    </div>
  );
}
