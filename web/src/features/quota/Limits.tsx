import type { QuotaWindowShape } from "../../api/frames.gen";
import { EmptyState } from "../../components/EmptyState";
import { Meter } from "../../components/Meter";
import { Panel } from "../../components/Panel";
import { SourceTag } from "../../components/SourceTag";
import { shareOf, toneOf } from "../../lib/limits";
import { useNow } from "../../state/clock";
import { useSnapshot } from "../../state/live";
import { ageWords, isOld, leadsTo, nameOf, percentWords, resetWords, sentence } from "./words";

/** Every limit of the plan that is known: how much is used, when it resets, who says so, and whether it will last. */
export function Limits() {
  const quota = useSnapshot()?.quota ?? null;
  const known = (quota?.windows ?? []).filter((window) => window.usedPercentage !== null);
  const plan = quota?.plan?.name;
  return (
    <Panel id="limits" title="Limits" aside={plan && <span className="text-12 text-ink-3">{plan}</span>}>
      {known.length === 0 ? (
        <EmptyState what="Not reported yet.">
          <p>
            Your agent tells its limits to its status line. <code>moonlock connect claude-code</code> lets Moonlock hear
            them.
          </p>
        </EmptyState>
      ) : (
        <ul className="grid flex-1 content-around gap-4">
          {known.map((window) => (
            <Limit key={`${window.name} ${window.source}`} window={window} />
          ))}
        </ul>
      )}
      {quota !== null && quota.accounts > 1 && (
        <p className="mt-3 text-12 text-ink-3">Of {quota.accounts} accounts, the one heard of last.</p>
      )}
    </Panel>
  );
}

function Limit({ window }: { window: QuotaWindowShape }) {
  const now = useNow();
  const words = percentWords(window);
  const said = sentence(window, now);
  const tone = toneOf(window);
  return (
    <li className="grid gap-1">
      <div className="flex flex-wrap items-center gap-x-2 text-13">
        <h3 className="font-semibold">{nameOf(window)}</h3>
        <SourceTag source={window.source} age={ageWords(window, now)} />
        <span className={`ml-auto font-semibold ${tone === "warn" || tone === "danger" ? `tone-${tone} toned` : ""}`}>
          {words}
        </span>
      </div>
      {window.source !== "estimated" && <Bar window={window} now={now} />}
      <p className="flex flex-wrap justify-between gap-x-3 text-12">
        <span className="text-ink-2">{said}</span>
        <span className="text-ink-3">{resetWords(window, now)}</span>
      </p>
    </li>
  );
}

/** How much is used, where an even pace would be, and where it may end; an estimate has none, for it has no end. */
function Bar({ window, now }: { window: QuotaWindowShape; now: number }) {
  const end = window.endPercentage;
  const minute = now - (now % 60_000);
  return (
    <div title={leadsTo(window) || undefined}>
      <Meter
        share={shareOf(window)}
        band={end && { low: end.low / 100, high: end.high / 100 }}
        expected={window.pace === null ? null : window.pace.expectedPercentage / 100}
        tone={toneOf(window)}
        label={nameOf(window)}
        words={[`${percentWords(window)} used`, sentence(window, minute), resetWords(window, minute)]
          .filter(Boolean)
          .join(", ")}
        className={`meter-tall ${isOld(window, now) ? "meter-old" : ""}`}
      />
    </div>
  );
}
