import type { SessionShape, ToolData } from "../../api/frames.gen";
import { duration, time } from "../../lib/format";
import type { Tone } from "../../lib/tone";
import type { Happening } from "../../state/picture";

export interface Line {
  verb: string;
  object: string;
  /** How it ended, if that is known. */
  outcome: string;
  tone: Tone | null;
}

const TURNS: Record<SessionShape["status"], Line> = {
  running: { verb: "Began", object: "to work on a prompt", outcome: "", tone: null },
  waiting: { verb: "Waits", object: "for your answer", outcome: "", tone: "info" },
  limited: { verb: "Stopped", object: "at a limit", outcome: "", tone: "danger" },
  error: { verb: "Stopped", object: "with an error", outcome: "", tone: "danger" },
  compacting: { verb: "Compacts", object: "its context", outcome: "", tone: null },
  paused: { verb: "Paused", object: "", outcome: "", tone: null },
  idle: { verb: "Idle", object: "since nothing came for a while", outcome: "", tone: null },
  completed: { verb: "Ended", object: "", outcome: "", tone: null },
};

const OBJECTIVES = { pending: "Planned", in_progress: "Works on", completed: "Completed", deleted: "Dropped" } as const;

/** One happening in words: who did what, and how it ended. */
export function lineOf(happening: Happening): Line {
  switch (happening.type) {
    case "turn":
      return TURNS[happening.status];
    case "session:tool":
      return tool(happening.data);
    case "session:objective": {
      const { state, title } = happening.data;
      return {
        verb: OBJECTIVES[state],
        object: title || "an objective",
        outcome: "",
        tone: state === "completed" ? "ok" : null,
      };
    }
    case "session:checkpoint": {
      const { phase, suggested } = happening.data;
      return {
        verb: "Checkpoint",
        object: phase,
        outcome: suggested ? "suggested" : "",
        tone: suggested ? null : "ok",
      };
    }
    case "session:error": {
      const { kind, status, retrying, limit, resetsAt } = happening.data;
      if (limit) {
        const outcome = resetsAt ? `resets ${time(Date.parse(resetsAt))}` : "";
        return { verb: "Limit", object: "reached", outcome, tone: "danger" };
      }
      const object = [kind.replaceAll("_", " "), status].filter(Boolean).join(" ");
      return { verb: "Error", object, outcome: retrying ? "retrying" : "", tone: retrying ? "warn" : "danger" };
    }
  }
}

function tool(data: Extract<Happening, { type: "session:tool" }>["data"]): Line {
  const { tool: verb, target, subagent, durationMs, outcome, state } = data;
  const object = [target, subagent ? "in a subagent" : ""].filter(Boolean).join(" ");
  const took = durationMs === null ? "" : duration(durationMs);
  if (outcome === "failed") return { verb, object, outcome: `failed ${took}`.trim(), tone: "danger" };
  if (outcome === "denied") return { verb, object, outcome: "denied", tone: "warn" };
  const ended = [changed(data), took].filter(Boolean).join(" · ");
  return { verb, object, outcome: state === "started" ? "running" : ended, tone: null };
}

/** `+14 −3`; nothing where no lines were counted. */
const changed = ({ added, removed }: Pick<ToolData, "added" | "removed">): string =>
  added === null && removed === null ? "" : `+${added ?? 0} −${removed ?? 0}`;
