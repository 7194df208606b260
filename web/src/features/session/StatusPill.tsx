import {
  CircleQuestionMark,
  CornerDownLeft,
  Hand,
  type LucideIcon,
  Moon,
  OctagonX,
  Pause,
  Play,
  Shrink,
  Square,
  TriangleAlert,
} from "lucide-react";
import type { SessionShape } from "../../api/frames.gen";
import { elapsed } from "../../lib/format";
import { useNow } from "../../state/clock";
import { type Glyph, isUnsure, type StatusWords, sourceWords, wordsOf } from "./status";
import { toolWords } from "./toolwords";

const GLYPHS: Record<Glyph, LucideIcon> = {
  hand: Hand,
  question: CircleQuestionMark,
  octagon: OctagonX,
  triangle: TriangleAlert,
  turn: CornerDownLeft,
  play: Play,
  pause: Pause,
  shrink: Shrink,
  moon: Moon,
  square: Square,
};

export function StatusGlyph({ words, size = 16 }: { words: StatusWords; size?: number }) {
  const Icon = GLYPHS[words.glyph];
  return <Icon size={size} strokeWidth={1.75} aria-hidden="true" className={`flex-none tone-${words.tone} toned`} />;
}

/** What a session does, for how long, and with which tool on what. */
export function StatusPill({ session }: { session: SessionShape }) {
  const now = useNow();
  const words = wordsOf(session);
  const since = session.state.since === null ? null : elapsed(now - Date.parse(session.state.since));
  const running = toolWords(session.state);
  return (
    <div className="flex items-start gap-2" title={sourceWords(session)}>
      <span className="pt-px">
        <StatusGlyph words={words} />
      </span>
      <div className="min-w-0">
        <p className={`font-semibold text-13 tone-${words.tone} toned`}>
          {isUnsure(session, now) ? `Probably ${words.word.toLowerCase()}` : words.word}
        </p>
        <p className="flex gap-1.5 text-12">
          {running && (
            <span className="truncate text-ink-2" title={running.whole}>
              {running.short}
            </span>
          )}
          <span className="flex-none text-ink-3">{since}</span>
        </p>
      </div>
    </div>
  );
}
