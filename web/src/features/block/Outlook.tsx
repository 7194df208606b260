import type { BlockShape, ForecastShape } from "../../api/frames.gen";
import { Money, Tokens } from "../../components/Figures";
import { money, percent, tokens } from "../../lib/format";
import { useSnapshot } from "../../state/live";
import { Pair } from "./Pair";

const LEARNED = 5;

/** How the window may end: what is expected, the range that four of five end in, and what stands behind it. */
export function Outlook({ block }: { block: BlockShape }) {
  const forecast = useSnapshot()?.forecast ?? null;
  if (!forecast?.tokens || forecast.window?.startAt !== block.startAt) return null;
  const { tokens: band, costUsd, overrunProbability: overrun, limit, anomaly } = forecast;
  return (
    <Pair term="Expected at the end">
      <Tokens value={band.expected} />
      {costUsd && (
        <>
          {" · "}
          <Money value={costUsd.expected} unpricedTokens={block.unpricedTokens} />
        </>
      )}
      <span className="block font-normal text-12 text-ink-2" title={range(forecast)}>
        {tokens(band.low)} to {tokens(band.high)}
      </span>
      {overrun !== null && (
        <span className="block font-normal text-12 text-ink-2">
          {percent(overrun)} likely to pass {limitWords(limit)}
        </span>
      )}
      <span className="block font-normal text-12 text-ink-3">
        {basis(forecast)}
        {anomaly?.state === "high" && ", unusually fast now"}
      </span>
    </Pair>
  );
}

function basis({ basis: { learning, windows } }: ForecastShape): string {
  return learning ? `learning: ${windows} of ${LEARNED} windows` : `${windows} of your windows`;
}

/** The bound that somebody set, and who did. */
function limitWords(limit: ForecastShape["limit"]): string {
  if (limit === null) return "the limit";
  const bounds = [
    limit.tokens === null ? [] : [`${tokens(limit.tokens)} tokens`],
    limit.costUsd === null ? [] : [money(limit.costUsd)],
  ];
  return `${bounds.flat().join(" or ")} (${limit.source})`;
}

/** The same range in money, and what it means. */
function range({ costUsd }: ForecastShape): string {
  const meaning = "Four of five windows like this one end in this range.";
  return costUsd ? `${money(costUsd.low)} to ${money(costUsd.high)}. ${meaning}` : meaning;
}
