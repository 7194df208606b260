import { Aims } from "../../../components/Aims";
import { Dialog } from "../../../components/Dialog";
import { EmptyState } from "../../../components/EmptyState";
import { arranged } from "../../../lib/aims";
import { useSnapshot } from "../../../state/live";
import { nameOf } from "../../../state/picture";
import { Helpers } from "../Helpers";
import { sizeOf } from "../tree";
import { Commands, Files } from "./Files";
import { Head } from "./Head";
import { Section } from "./Section";
import { Spending } from "./Spending";
import { States } from "./States";
import { Auxiliary, Telemetry } from "./Telemetry";
import { Tools } from "./Tools";
import { type Reported, useReport } from "./useReport";

/** One session in its details: what it did, how long, with what, and what that cost. */
export default function Details({ id, close }: { id: string; close: () => void }) {
  const live = useSnapshot()?.sessions.find((session) => session.id === id) ?? null;
  const reported = useReport(id, live);
  const session = live ?? reported.report?.session ?? null;
  return (
    <Dialog title={session ? nameOf(session) : "Session"} kind="drawer" close={close}>
      <div className="grid gap-7" aria-busy={reported.report === null && reported.trouble === null}>
        {session && <Head session={session} report={reported.report} />}
        {session && session.subagents.length > 0 && (
          <Section title="Subagents" aside={sizeOf(session.subagents)}>
            <div className="lanes details">
              <Helpers subagents={session.subagents} />
            </div>
          </Section>
        )}
        <Trouble reported={reported} />
        <Body reported={reported} />
      </div>
    </Dialog>
  );
}

function Trouble({ reported: { trouble, retry } }: { reported: Reported }) {
  if (trouble === null) return null;
  const { message, hint } = trouble as { message: string; hint?: string };
  return (
    <div role="alert" className="tone-danger banner text-13">
      <p className="min-w-0 flex-1">
        {message} {hint && <span className="text-ink-2">{hint}</span>}
      </p>
      <button type="button" className="control control-edge" onClick={retry}>
        Retry
      </button>
    </div>
  );
}

function Body({ reported: { report, trouble } }: { reported: Reported }) {
  if (report === null) return trouble === null ? <Coming /> : null;
  const { objectives } = report;
  const far = report.session.objectives;
  return (
    <>
      <States states={report.states} />
      <Section title="What it set out to do" aside={far && `${far.done} of ${far.total} done`}>
        {objectives.length === 0 ? (
          <EmptyState what="It has named none.">
            Task lists, accepted plans, goals and what subagents are called for stand here.
          </EmptyState>
        ) : (
          <Aims aims={arranged(objectives)} />
        )}
      </Section>
      <Tools report={report} />
      <Files id={report.session.id} files={report.files} />
      <Commands id={report.session.id} commands={report.commands} />
      <Spending spending={report.spending} />
      {report.auxiliary !== null && <Auxiliary auxiliary={report.auxiliary} />}
      {report.telemetry !== null && <Telemetry telemetry={report.telemetry} />}
    </>
  );
}

const PARTS = ["time", "objectives", "tools", "files"];

const Coming = () => (
  <>
    <p className="sr-only">Asking for the report</p>
    {PARTS.map((part) => (
      <div key={part} className="grid gap-3">
        <div className="skeleton h-4 w-32" />
        <div className="skeleton h-20" />
      </div>
    ))}
  </>
);
