import { useEffect, useState } from "react";
import { Dialog } from "../../components/Dialog";
import { RuleRow } from "./RuleRow";
import { loadRules, useRules } from "./rules";

/** The rules: which are on, from where on they fire, and how heavy that is. What is changed holds at once. */
export default function Rules({ close }: { close: () => void }) {
  const rules = useRules((state) => state.rules);
  const [trouble, setTrouble] = useState<Error | null>(null);
  const load = () => void loadRules().then(setTrouble);
  useEffect(load, []);
  return (
    <Dialog title="Alert rules" kind="sheet" close={close}>
      {trouble && (
        <p role="alert" className="mb-4 flex items-center gap-3 text-13 text-ink-2">
          <span className="flex-1">{trouble.message}</span>
          <button type="button" className="control control-edge" onClick={load}>
            Retry
          </button>
        </p>
      )}
      <p className="text-13 text-ink-2">Changes hold at once, and can be undone.</p>
      <ul className="mt-3 pb-16">
        {rules?.map((rule) => (
          <RuleRow key={rule.id} rule={rule} />
        ))}
      </ul>
    </Dialog>
  );
}
