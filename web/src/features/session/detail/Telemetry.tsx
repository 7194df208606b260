import type { AuxiliaryShape, AuxiliarySourceShape, TelemetryShape } from "../../../api/frames.gen";
import { Ago, Money, Tokens } from "../../../components/Figures";
import { type Column, Table } from "../../../components/Table";
import { duration, plural, tokensExact } from "../../../lib/format";
import { Changed } from "./Changed";
import { Facts, Section } from "./Section";

const SOURCES: readonly Column<AuxiliarySourceShape>[] = [
  { head: "For", cell: ({ source }) => source.replaceAll("_", " ") },
  { head: "Requests", cell: ({ requests }) => tokensExact(requests) },
  { head: "Tokens", cell: ({ tokens }) => <Tokens value={tokens.total} /> },
  { head: "Cost", cell: ({ costUsd }) => <Money value={costUsd} /> },
];

/** What was used beside the session, as only the agent's telemetry tells. No other figure has it. */
export function Auxiliary({ auxiliary: { bySource, requests, costUsd, tokens } }: { auxiliary: AuxiliaryShape }) {
  const sums = (
    <>
      <Money value={costUsd} />, <Tokens value={tokens.total} /> in {plural(requests, "request")}
    </>
  );
  return (
    <Section title="Auxiliary" aside={sums}>
      <p className="text-12 text-ink-3">
        Titles, compaction, checks of goals: no log tells of these, and no other figure on this page has them.
      </p>
      <Table caption="Auxiliary requests" columns={SOURCES} rows={bySource} keyOf={({ source }) => source} />
    </Section>
  );
}

/** What the agent counted of itself. */
export function Telemetry({ telemetry }: { telemetry: TelemetryShape }) {
  const { linesAdded, linesRemoved, commits, pullRequests, activeUserMs, activeCliMs, errors } = telemetry;
  const heard = (
    <>
      heard <Ago at={telemetry.lastAt} />
    </>
  );
  const count = (words: string, value: number | null) =>
    value === null ? null : ([words, tokensExact(value)] as const);
  const time = (words: string, value: number | null) => (value === null ? null : ([words, duration(value)] as const));
  return (
    <Section title="Told by the agent" aside={heard}>
      <Facts
        facts={[
          linesAdded === null && linesRemoved === null
            ? null
            : ["lines", <Changed key="lines" added={linesAdded} removed={linesRemoved} />],
          time("you were active", activeUserMs),
          time("the agent was active", activeCliMs),
          count("commits", commits),
          count("pull requests", pullRequests),
          count("requests that failed", errors),
        ]}
      />
    </Section>
  );
}
