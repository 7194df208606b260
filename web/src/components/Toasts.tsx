import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert, X } from "lucide-react";
import { useEffect } from "react";
import type { Tone } from "../lib/tone";
import { dismiss, type Toast, useToasts } from "../state/toasts";
import { useHeld } from "./useHeld";

const SHOWN_FOR = 6_000;
const GLYPHS: Partial<Record<Tone, LucideIcon>> = { ok: CircleCheck, warn: TriangleAlert, danger: CircleAlert };

/** The toasts of the page, while no dialog covers it. */
export function PageToasts() {
  return useToasts((state) => state.dialogs) === 0 ? <Toasts /> : null;
}

/** The newest toasts; none leaves while the pointer or the focus is on one. The announcer speaks them. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  const { held, bind } = useHeld();
  if (toasts.length === 0) return null;
  return (
    <section aria-label="Messages" {...bind}>
      <ul className="toasts">
        {toasts.map((one) => (
          <Card key={one.key} toast={one} held={held} />
        ))}
      </ul>
    </section>
  );
}

function Card({ toast, held }: { toast: Toast; held: boolean }) {
  const { key, tone, words, detail, verb, act, lasting = false } = toast;
  useEffect(() => {
    if (held || lasting) return;
    const timer = setTimeout(() => dismiss(key), SHOWN_FOR);
    return () => clearTimeout(timer);
  }, [key, held, lasting]);
  const Icon = GLYPHS[tone] ?? Info;
  const doIt = () => {
    dismiss(key);
    act?.();
  };
  return (
    <li className={`toast tone-${tone}`}>
      <Icon size={16} strokeWidth={1.75} aria-hidden="true" className="toned flex-none" />
      <div className="min-w-0">
        <p className="font-medium text-13">{words}</p>
        {detail && <p className="text-12 text-ink-2">{detail}</p>}
      </div>
      {verb && (
        <button type="button" className="toast-verb control control-edge" onClick={doIt}>
          {verb}
        </button>
      )}
      <button
        type="button"
        className="control control-icon"
        aria-label={`Close: ${words}`}
        onClick={() => dismiss(key)}
      >
        <X size={16} strokeWidth={1.75} aria-hidden="true" />
      </button>
    </li>
  );
}
