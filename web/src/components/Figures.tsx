import { agoPhrase, bound, money, moneyExact, timeSeconds, tokens, tokensExact, UNKNOWN } from "../lib/format";
import { useNowEvery } from "../state/clock";

interface TokensProps {
  value: number | null;
  /** A part of it is not in the logs. */
  atLeast?: boolean;
}

/** A count of tokens, short; all its digits on hover. */
export function Tokens({ value, atLeast = false }: TokensProps) {
  return <span title={`${bound(tokensExact(value), atLeast)} tokens`}>{bound(tokens(value), atLeast)}</span>;
}

interface MoneyProps {
  value: number | null;
  unpricedTokens?: number;
  understated?: number;
}

/** An amount of money, short; the exact one, and why it is a lower bound, on hover. */
export function Money({ value, unpricedTokens = 0, understated = 0 }: MoneyProps) {
  const atLeast = unpricedTokens > 0 || understated > 0;
  return (
    <span title={moneyTitle(value, unpricedTokens, understated)}>
      {value === null ? UNKNOWN : bound(money(value), atLeast)}
    </span>
  );
}

function moneyTitle(value: number | null, unpriced: number, understated: number): string {
  if (value === null) return "Not known: none of these models has a price.";
  const reasons = [
    unpriced > 0 ? ` ${tokensExact(unpriced)} tokens have no price.` : "",
    understated > 0 ? ` ${understated} requests did not log their final output.` : "",
  ];
  return `${bound(moneyExact(value), unpriced > 0 || understated > 0)} at list prices.${reasons.join("")}`;
}

/** How long ago, refreshed every ten seconds. */
export function Ago({ at }: { at: string }) {
  const now = useNowEvery(10_000);
  const moment = Date.parse(at);
  return (
    <time dateTime={at} title={timeSeconds(moment)}>
      {agoPhrase(moment, Math.max(now, moment))}
    </time>
  );
}
