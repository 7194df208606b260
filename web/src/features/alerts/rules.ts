/** The rules as the server has them: saved at once, undone from the toast. */
import { create } from "zustand";
import type { RuleList, RuleShape } from "../../api/frames.gen";
import { ask } from "../../api/rest";
import { complain, toast } from "../../state/toasts";

type Changeable = "enabled" | "threshold" | "severity";
/** What is to hold from now on; null gives back what holds without anybody's word. */
export type Change = { [field in Changeable]?: RuleShape[field] | null };

interface Rules {
  rules: readonly RuleShape[] | null;
}

export const useRules = create<Rules>(() => ({ rules: null }));

const PATH = "/api/alert-rules";

/** Asks for them; what is known stays when nobody answers. */
export async function loadRules(): Promise<Error | null> {
  try {
    useRules.setState({ rules: (await ask<RuleList>("GET", PATH)).rules });
    return null;
  } catch (trouble) {
    return trouble as Error;
  }
}

async function save(rule: RuleShape, change: Change): Promise<boolean> {
  try {
    const { rules } = await ask<RuleList>("PUT", PATH, { rules: [{ id: rule.id, ...change }] });
    useRules.setState({ rules });
    return true;
  } catch (trouble) {
    complain(`rule ${rule.id}`, trouble);
    return false;
  }
}

/** How to go back: to what a person had said before, or to nobody's word. */
export function backOf(rule: RuleShape, change: Change): Change {
  const fields = Object.keys(change) as Changeable[];
  return Object.fromEntries(fields.map((field) => [field, rule.origin === "person" ? rule[field] : null]));
}

export async function changeRule(rule: RuleShape, change: Change, words: string): Promise<void> {
  if (!(await save(rule, change))) return;
  const act = () => void save(rule, backOf(rule, change));
  toast({ key: `rule ${rule.id}`, tone: "ok", words, verb: "Undo", act });
}
