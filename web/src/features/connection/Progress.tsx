import { percent, tokensExact } from "../../lib/format";
import { useSnapshot } from "../../state/live";

/** History is still being read: the bar under the strip and what it means. */
export function Progress() {
  const progress = useSnapshot()?.progress ?? null;
  if (progress === null) return null;
  const share = progress.bytes > 0 ? Math.min(1, progress.bytesDone / progress.bytes) : 0;
  const words = `Reading ${tokensExact(progress.files)} files · ${percent(share)}`;
  return (
    <>
      <span className="whitespace-nowrap text-ink-2 max-md:hidden" title="Numbers are not complete yet">
        {words}
        <span className="text-ink-3 max-lg:hidden"> · not complete yet</span>
      </span>
      <div
        role="progressbar"
        aria-label="History read"
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={`${words}. Numbers are not complete yet.`}
        className="absolute inset-x-0 -bottom-px h-0.5"
      >
        <div className="h-full bg-accent" style={{ width: `${share * 100}%` }} />
      </div>
    </>
  );
}
