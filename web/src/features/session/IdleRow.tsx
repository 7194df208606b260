import { ChevronDown, ChevronUp, Moon } from "lucide-react";
import type { SessionShape } from "../../api/frames.gen";
import { plural } from "../../lib/format";
import { nameOf } from "../../state/picture";

interface Props {
  sessions: readonly SessionShape[];
  shown: boolean;
  toggle: () => void;
}

/** Idle and ended sessions in one row, until somebody wants to see them. */
export function IdleRow({ sessions, shown, toggle }: Props) {
  const Icon = shown ? ChevronUp : ChevronDown;
  const names = [...new Set(sessions.map(nameOf))].join(", ");
  return (
    <button
      type="button"
      aria-expanded={shown}
      onClick={toggle}
      className="flex min-h-11 w-full items-center gap-2 rounded-b-[9px] border-line border-t px-4 text-left text-13 hover:bg-s2"
    >
      <Moon size={16} strokeWidth={1.75} aria-hidden="true" className="tone-idle toned flex-none" />
      <span className="whitespace-nowrap font-medium text-ink-2">{plural(sessions.length, "quiet session")}</span>
      <span className="min-w-0 flex-1 truncate text-12 text-ink-3">{names}</span>
      <span className="text-12 text-ink-2">{shown ? "hide" : "show"}</span>
      <Icon size={16} strokeWidth={1.75} aria-hidden="true" className="text-ink-3" />
    </button>
  );
}
