import type { PlaceShape } from "../../api/frames.gen";
import { Command } from "../../components/Command";
import { plural } from "../../lib/format";

/** No agent has left a log here: what to do, and where was looked. */
export function FirstRun({ places }: { places: readonly PlaceShape[] }) {
  return (
    <section id="sessions" aria-labelledby="first-title" className="panel gap-8 !p-6 md:!flex-row md:!p-8">
      <div className="flex-1">
        <h2 id="first-title" className="mb-2 font-semibold text-20">
          No agent logs found yet
        </h2>
        <p className="max-w-[52ch] text-ink-2">
          Start your coding agent as you always do. Its first answer appears on this page within a moment, without a
          reload.
        </p>
        <p className="mt-5 mb-2 text-13 text-ink-2">To look around first:</p>
        <Command text="moonlock start --simulation" />
      </div>
      <div className="min-w-0 flex-1">
        <h3 className="mb-2 font-semibold text-13">Where Moonlock looks</h3>
        <ul className="text-13">
          {places.map((place) => (
            <li
              key={`${place.agent} ${place.path}`}
              className="flex flex-wrap items-baseline gap-x-4 border-line border-t py-2.5"
            >
              <code className="min-w-0 flex-1 font-mono text-12 max-sm:basis-full">{place.path}</code>
              <span className="text-12 text-ink-3 max-sm:flex-1">{place.agent}</span>
              <span className="w-20 text-right text-12 text-ink-2">{found(place)}</span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

const found = (place: PlaceShape) =>
  place.found ? (place.files > 0 ? plural(place.files, "file") : "empty") : "not there";
