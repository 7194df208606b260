/** Objectives in words, and in order. */
import type { ObjectiveShape } from "../api/frames.gen";

const SOURCES: Record<string, string> = {
  TodoWrite: "task list",
  TaskCreate: "task list",
  TaskUpdate: "task list",
  TaskList: "task list",
  update_plan: "task list",
  ExitPlanMode: "plan",
  planContent: "plan",
  goal: "goal",
  Agent: "subagent",
  Task: "subagent",
  commit: "commit",
  "pull-request": "pull request",
};

/** Who says that it is one: `task list`, `plan`, `goal`, `subagent`; a source that is new says its own name. */
export const sourceOf = (source: string): string => SOURCES[source] ?? source;

/** From here on of trust are those that subagents were called for. */
const SUBAGENTS = 4;

/** What a session named itself, and what its subagents were called for: those count only where it named none. */
export function apart(objectives: readonly ObjectiveShape[]): {
  counted: readonly ObjectiveShape[];
  rest: readonly ObjectiveShape[];
} {
  const own = objectives.filter(({ trust }) => trust < SUBAGENTS);
  if (!own.some(({ state }) => state !== "deleted")) return { counted: objectives, rest: [] };
  return { counted: own, rest: objectives.filter(({ trust }) => trust >= SUBAGENTS) };
}

const RANK: Record<ObjectiveShape["state"], number> = { in_progress: 0, pending: 1, completed: 2, deleted: 3 };

const changedAt = ({ changes }: ObjectiveShape): string => changes.at(-1)?.at ?? "";

/** What is in progress, what is open, then what is over; of each the newest first. */
export const arranged = (objectives: readonly ObjectiveShape[]): ObjectiveShape[] =>
  [...objectives].sort((a, b) => RANK[a.state] - RANK[b.state] || changedAt(b).localeCompare(changedAt(a)));
