import { Dialog } from "../components/Dialog";
import { prefer, usePrefs } from "../state/prefs";

const KEYS: [string[], string][] = [
  [["j", "k"], "next, previous session"],
  [["Enter", "o"], "open the session in its details"],
  [["x"], "fold or unfold subagents"],
  [["."], "apply the new order"],
  [["a"], "acknowledge the first alert"],
  [["u"], "chart with or without cache reads"],
  [["t"], "chart or table"],
  [["p"], "pause or go on drawing"],
  [["d"], "theme dark, light, system"],
  [["?"], "these keys"],
  [["Esc"], "close"],
];

/** The keys of this page, and the switch that turns the single ones off. */
export function Help({ close }: { close: () => void }) {
  const shortcuts = usePrefs((prefs) => prefs.shortcuts);
  return (
    <Dialog title="Keyboard" kind="box" close={close}>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-5 gap-y-2.5 text-13">
        {KEYS.map(([keys, does]) => (
          <div key={does} className="contents">
            <dt className="flex gap-1">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd className="text-ink-2">{does}</dd>
          </div>
        ))}
      </dl>
      <div className="mt-5 flex items-center gap-4 border-line border-t pt-4 text-13">
        <span id="shortcuts-label" className="flex-1">
          Single-key shortcuts
          <span className="block text-12 text-ink-3">Off, everything stays reachable by Tab and Enter.</span>
        </span>
        <button
          type="button"
          role="switch"
          aria-checked={shortcuts}
          aria-labelledby="shortcuts-label"
          className="switch"
          onClick={() => prefer({ shortcuts: !shortcuts })}
        />
      </div>
    </Dialog>
  );
}
