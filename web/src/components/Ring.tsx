import type { ReactNode } from "react";
import type { Tone } from "../lib/tone";

const SIZE = 148;
const STROKE = 10;
const RADIUS = (SIZE - STROKE) / 2;
const ROUND = 2 * Math.PI * RADIUS;

/** One arc from twelve o'clock; decoration, since the words stand in and beside it. */
export function Ring({ share, tone, children }: { share: number; tone: Tone; children: ReactNode }) {
  const drawn = Math.min(1, Math.max(0, share)) * ROUND;
  const circle = { cx: SIZE / 2, cy: SIZE / 2, r: RADIUS, fill: "none", strokeWidth: STROKE };
  return (
    <div className={`relative size-[148px] flex-none tone-${tone}`}>
      <svg viewBox={`0 0 ${SIZE} ${SIZE}`} aria-hidden="true" className="-rotate-90">
        <circle {...circle} stroke="var(--s3)" />
        {drawn > 0 && (
          <circle
            {...circle}
            stroke="var(--tone)"
            strokeLinecap="round"
            strokeDasharray={`${drawn} ${ROUND - drawn}`}
          />
        )}
      </svg>
      <div className="absolute inset-0 grid place-content-center text-center">{children}</div>
    </div>
  );
}
