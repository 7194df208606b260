import type { ReactNode } from "react";
import type { MixShape, PartShape, RebuildsShape, SpendingShape } from "../../../api/frames.gen";
import { Money, Tokens } from "../../../components/Figures";
import { type Column, Table } from "../../../components/Table";
import { model, percent, plural } from "../../../lib/format";
import { Changed } from "./Changed";
import { Facts, Section } from "./Section";

/** What a prompt, a commit, a line cost, and where the money went; there is no grade. */
export function Spending({ spending }: { spending: SpendingShape }) {
  const { models } = spending;
  return (
    <Section title="Cost">
      <Facts facts={pricesOf(spending)} />
      <Parts spending={spending} />
      {models.length > 1 && (
        <Table caption="By model" columns={MODELS} rows={models} keyOf={(one) => one.model} shown={4} />
      )}
    </Section>
  );
}

const MODELS: readonly Column<MixShape>[] = [
  { head: "Model", cell: (one) => <span title={one.model}>{model(one.model)}</span> },
  { head: "Requests", cell: ({ requests }) => requests },
  { head: "Tokens", cell: ({ tokens }) => <Tokens value={tokens.total} />, side: true },
  { head: "Cost", cell: ({ costUsd }) => <Money value={costUsd} /> },
];

/** All money of the session, shared evenly: which of it a line was worth, nobody knows. */
function pricesOf({ prompts, costPerPrompt, commits, costPerCommit, changed }: SpendingShape) {
  const each = (words: string, value: number | null, more: ReactNode) =>
    value === null ? null : ([words, <Money key={words} value={value} />, more] as const);
  return [
    each("for each prompt", costPerPrompt, plural(prompts, "prompt")),
    each("for each commit", costPerCommit, plural(commits, "commit")),
    each(
      "for each changed line",
      changed.costPerLine,
      <Changed added={changed.linesAdded} removed={changed.linesRemoved} />,
    ),
    each("for each file edited", changed.costPerFile, plural(changed.filesEdited, "file")),
  ];
}

const CAUSES: Record<RebuildsShape["cause"], string> = {
  idle: "after a break longer than the cache lives",
  model: "for another model",
  compaction: "after a compaction",
  system: "for another system prompt",
  tools: "for other tools",
  messages: "since earlier messages changed",
  unknown: "for no known cause",
};

function Parts({ spending: { rebuilds, largeContext, priceCliffs, subagents } }: { spending: SpendingShape }) {
  const rows = [
    part("Subagents", subagents),
    part("Requests above 100k of context", largeContext),
    part("Requests at a long-context price", priceCliffs),
    ...rebuilds.map(({ cause, times, wastedUsd }) => ({
      words: `Cache rebuilt ${CAUSES[cause]}`,
      more: `${plural(times, "time")}, need not have been paid`,
      value: wastedUsd,
      times,
    })),
  ].filter(({ times }) => times > 0);
  if (rows.length === 0) return null;
  return (
    <ul className="grid gap-1.5 pt-2 text-13">
      {rows.map(({ words, more, value }) => (
        <li key={words} className="flex items-baseline gap-3">
          <span className="min-w-0 flex-1 text-ink-2">
            {words} <span className="text-12 text-ink-3">{more}</span>
          </span>
          <Money value={value} />
        </li>
      ))}
    </ul>
  );
}

const part = (words: string, { requests, costUsd, share }: PartShape) => ({
  words,
  more: [plural(requests, "request"), share === null ? "" : `${percent(share)} of all`].filter(Boolean).join(", "),
  value: costUsd,
  times: requests,
});
