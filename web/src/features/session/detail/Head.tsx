import type { ReportShape, SessionShape } from "../../../api/frames.gen";
import { Money, Tokens } from "../../../components/Figures";
import { date, duration, model, percent, plural, UNKNOWN } from "../../../lib/format";
import { useNowEvery } from "../../../state/clock";
import { sizeWords } from "../context";
import { StatusPill } from "../StatusPill";
import { Facts } from "./Section";

/** What it is, what it does now, and its sums. */
export function Head({ session, report }: { session: SessionShape; report: ReportShape | null }) {
  const now = useNowEvery(60_000);
  const { context, startedAt } = session;
  const began = startedAt === null ? "" : `began ${date(Date.parse(startedAt), now)}`;
  const where = [session.project, session.branch, session.agent, model(session.model), began].filter(Boolean);
  return (
    <div className="grid gap-4">
      <div className="grid gap-1">
        <p className="text-14">{session.title ?? "No title yet"}</p>
        <p className="text-12 text-ink-3">{where.join(" · ")}</p>
        {report && <p className="text-12 text-ink-3">{timeWords(report.time)}</p>}
      </div>
      <div className="rounded-md bg-s2 px-3 py-2.5">
        <StatusPill session={session} />
      </div>
      <Facts
        facts={[
          [
            report ? `${subagentWords(report)}` : "cost",
            <Money
              key="cost"
              value={session.costUsd}
              unpricedTokens={session.unpricedTokens}
              understated={session.understatedRequests}
            />,
          ],
          [plural(session.requests, "request"), <Tokens key="tokens" value={session.tokens.total} />],
          [
            context ? `context, ${sizeWords(context)}` : "context, not reported yet",
            context ? percent(context.share) : UNKNOWN,
          ],
          report && [countWords(report), report.happened.prompts],
        ]}
      />
      {context?.advice && <p className="text-13 text-ink-2">{context.advice}</p>}
    </div>
  );
}

const timeWords = ({ wallMs, workingMs, waitingMs }: ReportShape["time"]): string =>
  `${duration(wallMs)}: ${duration(workingMs)} in turns, ${duration(waitingMs)} between them`;

const subagentWords = ({ spending: { subagents } }: ReportShape): string =>
  subagents.requests > 0 && subagents.share !== null ? `cost, ${percent(subagents.share)} of it by subagents` : "cost";

const countWords = ({ happened: { prompts, compactions, commits, errors } }: ReportShape): string =>
  [
    prompts === 1 ? "prompt" : "prompts",
    compactions > 0 ? plural(compactions, "compaction") : "",
    commits > 0 ? plural(commits, "commit") : "",
    errors > 0 ? plural(errors, "error") : "",
  ]
    .filter(Boolean)
    .join(", ");
