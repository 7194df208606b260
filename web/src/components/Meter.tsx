import type { Tone } from "../lib/tone";

interface Props {
  /** 0..1; more is drawn as full. */
  share: number;
  tone: Tone;
  label: string;
  /** The figure as a sentence. */
  words: string;
  /** The range in which it may end, hatched. */
  band?: { low: number; high: number } | null;
  /** Where it would be at an even pace. */
  expected?: number | null;
  className?: string;
}

export function Meter({ share, tone, label, words, band = null, expected = null, className = "" }: Props) {
  const within = (part: number) => Math.min(1, Math.max(0, part));
  const shown = within(share);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <meter> cannot be dressed alike in all browsers
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(shown * 100)}
      aria-valuetext={words}
      className={`meter tone-${tone} ${className}`}
    >
      {band && (
        <div
          className="meter-band"
          style={{ left: `${within(band.low) * 100}%`, width: `${(within(band.high) - within(band.low)) * 100}%` }}
        />
      )}
      <div className="meter-fill" style={{ width: `${shown * 100}%` }} />
      {expected !== null && <div className="meter-tick" style={{ left: `${within(expected) * 100}%` }} />}
    </div>
  );
}
