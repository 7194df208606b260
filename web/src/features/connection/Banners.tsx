import { RefreshCw } from "lucide-react";
import type { ReactNode } from "react";
import { date } from "../../lib/format";
import type { Tone } from "../../lib/tone";
import { useLive } from "../../state/live";
import { PROTOCOL } from "../../state/picture";

/** Above everything, on all pages: what stands here is invented. */
export function SimulationBanner() {
  const simulation = useLive((state) => state.picture.snapshot?.simulation ?? false);
  if (!simulation) return null;
  return (
    <p className="flex h-7 items-center justify-center bg-warn-soft font-medium text-12 text-warn">
      Simulation: nothing here is real.
    </p>
  );
}

/** What somebody must know about the connection before reading on. */
export function Banners({ retry }: { retry: () => void }) {
  const link = useLive((state) => state.link);
  const outdated = useLive((state) => state.picture.protocol !== PROTOCOL);
  return (
    <>
      {link.state === "offline" && (
        <Banner tone="danger" act={retry} verb="Retry now">
          <strong className="font-semibold">Moonlock does not answer.</strong>{" "}
          {link.heardAt > 0 && <>Data of {date(link.heardAt, Date.now())}. </>}Start it with{" "}
          <code className="font-mono">moonlock start</code>.
        </Banner>
      )}
      {outdated && (
        <Banner tone="info" act={() => location.reload()} verb="Reload">
          A newer page is ready.
        </Banner>
      )}
    </>
  );
}

interface BannerProps {
  tone: Tone;
  act: () => void;
  verb: string;
  children: ReactNode;
}

function Banner({ tone, act, verb, children }: BannerProps) {
  return (
    <div className={`banner tone-${tone}`}>
      <p className="min-w-0 flex-1 text-13 text-ink">{children}</p>
      <button type="button" className="control control-edge" onClick={act}>
        <RefreshCw size={14} strokeWidth={1.75} aria-hidden="true" />
        {verb}
      </button>
    </div>
  );
}
