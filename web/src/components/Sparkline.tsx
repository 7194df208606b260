const WIDTH = 48;
const HEIGHT = 16;

/** The last minutes as one line, its end marked; decoration. */
export function Sparkline({ points }: { points: readonly number[] }) {
  const top = Math.max(...points, 1);
  const step = WIDTH / Math.max(1, points.length - 1);
  const spots = points.map((value, i) => [i * step, HEIGHT - (value / top) * HEIGHT] as const);
  const last = spots.at(-1);
  if (!last) return null;
  const still = points.every((value) => value === 0);
  return (
    <svg
      viewBox={`-2 -3 ${WIDTH + 5} ${HEIGHT + 6}`}
      width={WIDTH + 5}
      height={HEIGHT + 6}
      aria-hidden="true"
      className={still ? "text-line" : "text-ink-3"}
    >
      <path
        d={`M${spots.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
      {!still && <circle cx={last[0]} cy={last[1]} r="2.25" fill="currentColor" />}
    </svg>
  );
}
