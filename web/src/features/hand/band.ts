/** Where a budget may stand at the end: the forecast of what is nearer to its bound, as shares of that bound. */
import type { BudgetShape, SessionShape } from "../../api/frames.gen";

export interface Band {
  expected: number;
  low: number;
  high: number;
}

export function bandOf(budget: BudgetShape, forecast: SessionShape["forecast"]): Band | null {
  const of = (band: Band | null | undefined, bound: number | null) =>
    band && bound !== null ? [{ expected: band.expected / bound, low: band.low / bound, high: band.high / bound }] : [];
  const bands = [...of(forecast?.tokens, budget.tokens), ...of(forecast?.costUsd, budget.costUsd)];
  return bands.reduce<Band | null>((a, b) => (a === null || b.expected > a.expected ? b : a), null);
}
