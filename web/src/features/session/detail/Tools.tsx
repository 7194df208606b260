import { useState } from "react";
import type { ReportShape, ServerUseShape, SkillUseShape, ToolUseShape } from "../../../api/frames.gen";
import { EmptyState } from "../../../components/EmptyState";
import { Money, Tokens } from "../../../components/Figures";
import { type Column, Table } from "../../../components/Table";
import { duration, plural, UNKNOWN } from "../../../lib/format";
import { Breaking } from "./Breaking";
import { Section } from "./Section";

type Used = { calls: number; failed: number; denied: number } & Pick<
  ToolUseShape,
  "tokens" | "costUsd" | "unpricedTokens"
>;

const failures = ({ failed, denied }: Used) =>
  failed + denied === 0 ? (
    <span className="text-ink-3">0</span>
  ) : (
    <span className="tone-danger toned" title={denied > 0 ? `${denied} of them denied` : undefined}>
      {failed + denied}
    </span>
  );

/** The figures that tools, servers and skills have in common. */
const SHARED: readonly Column<Used>[] = [
  { head: "Calls", cell: ({ calls }) => calls },
  { head: "Failed", cell: failures },
];
const SHARES: readonly Column<Used>[] = [
  { head: "Tokens", cell: ({ tokens }) => <Tokens value={tokens.total} />, side: true },
  { head: "Cost", cell: ({ costUsd, unpricedTokens }) => <Money value={costUsd} unpricedTokens={unpricedTokens} /> },
];
const TIMES: readonly Column<Pick<ToolUseShape, "p50Ms" | "p95Ms">>[] = [
  { head: "Half took", cell: ({ p50Ms }) => (p50Ms === null ? UNKNOWN : duration(p50Ms)), side: true },
  { head: "19 of 20", cell: ({ p95Ms }) => (p95Ms === null ? UNKNOWN : duration(p95Ms)), side: true },
];

const TOOLS: readonly Column<ToolUseShape>[] = [
  { head: "Tool", cell: ({ tool }) => <Breaking text={tool} after="__" /> },
  ...SHARED,
  ...TIMES,
  ...SHARES,
];
const SERVERS: readonly Column<ServerUseShape>[] = [
  { head: "MCP server", cell: ({ server, tools }) => `${server}, ${plural(tools, "tool")}` },
  ...SHARED,
  ...SHARES,
];
const SKILLS: readonly Column<SkillUseShape>[] = [
  { head: "Skill", cell: ({ skill }) => skill },
  ...SHARED,
  ...TIMES,
  ...SHARES,
];

const VIEWS = ["tool", "MCP server", "skill"] as const;
type View = (typeof VIEWS)[number];

/** What was called, how that went, and its share of the money: by tool, by MCP server, by skill. */
export function Tools({ report }: { report: ReportShape }) {
  const [view, show] = useState<View>("tool");
  const there = { tool: report.tools, "MCP server": report.servers, skill: report.skills };
  const views = VIEWS.filter((one) => there[one].length > 0);
  return (
    <Section title="Tools" aside={views.length > 1 && <Views views={views} view={view} show={show} />}>
      {report.tools.length === 0 ? (
        <EmptyState what="It has called none." />
      ) : view === "tool" ? (
        <Table caption="By tool" columns={TOOLS} rows={report.tools} keyOf={({ tool }) => tool} />
      ) : view === "skill" ? (
        <Table caption="By skill" columns={SKILLS} rows={report.skills} keyOf={({ skill }) => skill} />
      ) : (
        <Table caption="By MCP server" columns={SERVERS} rows={report.servers} keyOf={({ server }) => server} />
      )}
    </Section>
  );
}

function Views({ views, view, show }: { views: readonly View[]; view: View; show: (view: View) => void }) {
  return (
    <span className="-my-1 flex gap-1">
      {views.map((one) => (
        <button key={one} type="button" className="control" aria-pressed={one === view} onClick={() => show(one)}>
          by {one}
        </button>
      ))}
    </span>
  );
}
