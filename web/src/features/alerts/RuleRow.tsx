import { useState } from "react";
import type { RuleShape } from "../../api/frames.gen";
import { type Change, changeRule } from "./rules";
import { usePreview } from "./usePreview";
import { boundWords, meant, scaleOf, termsOf, written } from "./words";

const SEVERITIES: [RuleShape["severity"], string][] = [
  ["error", "Error"],
  ["warning", "Warning"],
  ["info", "Note"],
];

/** One rule. While somebody is at it, it says how often it would have fired. */
export function RuleRow({ rule }: { rule: RuleShape }) {
  const [draft, setDraft] = useState<number | null>(null);
  const [focused, setFocused] = useState(false);
  const preview = usePreview(rule.id, focused, draft);
  const change = (news: Change, words: string) => void changeRule(rule, news, words);
  const titled = `rule-${rule.id}`;
  return (
    <li
      className="rule"
      onFocus={() => setFocused(true)}
      onBlur={(event) => setFocused(event.currentTarget.contains(event.relatedTarget))}
    >
      <button
        type="button"
        role="switch"
        aria-checked={rule.enabled}
        aria-labelledby={titled}
        className="switch"
        onClick={() => change({ enabled: !rule.enabled }, `${rule.title}: ${rule.enabled ? "off" : "on"}`)}
      />
      <h3 id={titled} className={`self-center font-semibold text-13 ${rule.enabled ? "" : "text-ink-3"}`}>
        {rule.title}
      </h3>
      <div className="col-start-2 flex items-center gap-3">
        <Threshold
          rule={rule}
          draft={setDraft}
          save={(threshold) => change({ threshold }, `${rule.title}: ${boundWords(rule.measure, threshold)}`)}
        />
        <select
          aria-label={`Severity of ${rule.title}`}
          className="field w-24"
          value={rule.severity}
          onChange={({ target }) => {
            const severity = target.value as RuleShape["severity"];
            change({ severity }, `${rule.title}: ${SEVERITIES.find(([each]) => each === severity)?.[1] ?? severity}`);
          }}
        >
          {SEVERITIES.map(([severity, word]) => (
            <option key={severity} value={severity}>
              {word}
            </option>
          ))}
        </select>
      </div>
      <p className={`col-start-2 text-12 max-sm:min-h-8 ${preview ? "text-ink-2" : "text-ink-3"}`}>
        {preview ?? termsOf(rule)}
      </p>
    </li>
  );
}

interface ThresholdProps {
  rule: RuleShape;
  /** Told what is being written, and null when that is over. */
  draft: (threshold: number | null) => void;
  save: (threshold: number) => void;
}

/** Saved with Enter or on leaving; Esc gives back what held. */
function Threshold({ rule, draft, save }: ThresholdProps) {
  const scale = scaleOf(rule.measure);
  const [text, setText] = useState<string | null>(null);
  if (scale === null) return null;
  const known = String(written(rule.threshold, scale));
  const wanted = text === null ? null : meant(text, scale);
  const leave = () => {
    if (wanted !== null && wanted !== rule.threshold) save(wanted);
    setText(null);
    draft(null);
  };
  return (
    <label className="flex items-center gap-1.5 text-12 text-ink-3">
      <span className="sr-only">Threshold of {rule.title}, in </span>
      <input
        type="number"
        inputMode="decimal"
        min={0}
        step={scale.step}
        className="field w-18 text-right"
        value={text ?? known}
        aria-invalid={text !== null && wanted === null}
        onChange={({ target }) => {
          setText(target.value);
          draft(meant(target.value, scale));
        }}
        onBlur={leave}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key !== "Escape" || text === null) return;
          event.preventDefault(); // the first Esc is the field's, the next one the dialog's
          setText(null);
          draft(null);
        }}
      />
      <span className="w-6">{scale.name}</span>
    </label>
  );
}
