import { CircleCheck, CircleX, type LucideIcon, TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { ComponentShape, HealthShape } from "../../api/frames.gen";
import { Dialog } from "../../components/Dialog";
import { duration, plural } from "../../lib/format";
import type { Tone } from "../../lib/tone";
import { useLive, useSnapshot } from "../../state/live";

const LOOKS: Record<HealthShape["status"], { tone: Tone; icon: LucideIcon }> = {
  healthy: { tone: "ok", icon: CircleCheck },
  degraded: { tone: "warn", icon: TriangleAlert },
  unhealthy: { tone: "danger", icon: CircleX },
};

/** What is found while all parts do well is advice, not trouble. */
export function worded(status: HealthShape["status"], found: number) {
  if (found === 0) return status;
  return status === "healthy" ? `healthy, ${plural(found, "hint")}` : plural(found, "finding");
}

/** A glyph and a word in the strip; what was found opens beside the page. */
export function Health() {
  const health = useSnapshot()?.health;
  const stale = useLive((state) => state.link.state !== "live");
  const [open, setOpen] = useState(false);
  if (!health) return null;
  const found = Object.values(health.components).reduce((sum, part) => sum + part.findings.length, 0);
  const words = worded(health.status, found);
  return (
    <>
      <button
        type="button"
        className="segment !pr-0"
        onClick={() => setOpen(true)}
        aria-label={`Health: ${words}. Details`}
      >
        <Look status={health.status} stale={stale} />
        <span className="max-lg:hidden">{words}</span>
      </button>
      {open && (
        <Dialog title="Health" kind="sheet" close={() => setOpen(false)}>
          <Sheet health={health} />
        </Dialog>
      )}
    </>
  );
}

function Look({ status, stale = false }: { status: HealthShape["status"]; stale?: boolean }) {
  const { icon: Icon, tone: known } = LOOKS[status];
  const tone = stale ? "idle" : known; // never a green light on a dead socket
  return <Icon size={16} strokeWidth={1.75} aria-hidden="true" className={`flex-none tone-${tone} toned`} />;
}

function Sheet({ health }: { health: HealthShape }) {
  return (
    <div className="grid gap-4">
      <p className="text-13 text-ink-2">
        Moonlock {health.version}, up for {duration(health.uptimeMs)}.{health.simulation && " It shows a simulation."}
      </p>
      <ul className="grid gap-4">
        {Object.entries(health.components).map(([name, part]) => (
          <Part key={name} name={name} part={part} />
        ))}
      </ul>
    </div>
  );
}

function Part({ name, part }: { name: string; part: ComponentShape }) {
  return (
    <li className="grid grid-cols-[16px_1fr] gap-x-3 border-line border-t pt-4 text-13">
      <span className="pt-px">
        <Look status={part.status} />
      </span>
      <div className="min-w-0">
        <h3 className="flex justify-between gap-3 font-semibold">
          <span className="first-letter:uppercase">{name}</span>
          <span className={`font-normal text-12 tone-${LOOKS[part.status].tone} toned`}>{part.status}</span>
        </h3>
        <p className="text-ink-2">{part.summary}</p>
        {part.findings.map((finding) => (
          <div key={`${finding.code} ${finding.message}`} className="mt-2 rounded-md bg-s2 px-3 py-2">
            <p>{finding.message}</p>
            {finding.hint && <p className="text-ink-2">{finding.hint}</p>}
          </div>
        ))}
      </div>
    </li>
  );
}
