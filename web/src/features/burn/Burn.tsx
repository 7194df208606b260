import { ChartColumn, Square, SquareCheck, Table } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { Panel } from "../../components/Panel";
import { moneyRate, time, tokenRate, tokens } from "../../lib/format";
import { useKey } from "../../lib/keys";
import { useNowEvery } from "../../state/clock";
import { useSnapshot } from "../../state/live";
import { prefer, usePrefs } from "../../state/prefs";
import { MinuteTable } from "./MinuteTable";
import { type Bin, bins, sentence, shownClasses } from "./series";

const Chart = lazy(() => import("./Chart"));

/** How fast it goes now, and the last hour minute by minute. */
export function Burn() {
  const minutes = useSnapshot()?.minutes;
  const fresh = usePrefs((prefs) => prefs.fresh);
  const now = useNowEvery(60_000);
  const [table, setTable] = useState(false);
  useKey("t", () => setTable((shown) => !shown));
  useKey("u", () => prefer({ fresh: !fresh }));
  const hour = useMemo(() => bins(minutes ?? [], now), [minutes, now]);
  return (
    <Panel id="burn" title="Burn" aside={<Switches fresh={fresh} table={table} setTable={setTable} />}>
      <Rates fresh={fresh} />
      <figure className="mt-2 flex min-h-0 flex-1 flex-col">
        {table ? <MinuteTable bins={hour} /> : <Drawing bins={hour} fresh={fresh} />}
      </figure>
    </Panel>
  );
}

/** The rate counts all tokens, whatever the chart leaves out. */
function Rates({ fresh }: { fresh: boolean }) {
  const rate = useSnapshot()?.block?.burnRate ?? null;
  const ink = rate ? "" : "text-ink-3";
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-4">
      <p title={rate ? "Decays when nothing happens" : "No window is open"}>
        <span className={`font-semibold text-28 ${ink}`}>{tokenRate(rate?.tokensPerMinute ?? null)}</span>
        <span className="ml-1.5 text-12 text-ink-3">tok/min{rate && fresh && ", cache reads included"}</span>
      </p>
      <p>
        <span className={`font-semibold text-20 ${ink}`}>{moneyRate(rate?.costPerHour ?? null)}</span>
        {rate && <span className="ml-1 text-12 text-ink-3">/h</span>}
      </p>
    </div>
  );
}

interface SwitchProps {
  fresh: boolean;
  table: boolean;
  setTable: (table: boolean) => void;
}

function Switches({ fresh, table, setTable }: SwitchProps) {
  const Icon = table ? ChartColumn : Table;
  const Box = fresh ? SquareCheck : Square;
  return (
    <div className="flex items-center gap-1">
      <button
        type="button"
        className="control"
        aria-pressed={fresh}
        title="Leave out what was read from the cache (u)"
        onClick={() => prefer({ fresh: !fresh })}
      >
        <Box size={14} strokeWidth={1.75} aria-hidden="true" />
        without cache reads
      </button>
      <button
        type="button"
        className="control control-icon !min-h-7 !w-8"
        aria-label={table ? "Show the chart" : "Show as a table"}
        title={table ? "Show the chart (t)" : "Show as a table (t)"}
        onClick={() => setTable(!table)}
      >
        <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
      </button>
    </div>
  );
}

function Drawing({ bins: hour, fresh }: { bins: Bin[]; fresh: boolean }) {
  const [index, setIndex] = useState<number | null>(null);
  const bin = index === null ? undefined : hour[index];
  const empty = hour.every(({ tokens: { total } }) => total === 0);
  return (
    <>
      <div role="img" aria-label={sentence(hour, fresh)} className="relative min-h-[104px] flex-1">
        <Suspense fallback={<div className="skeleton absolute inset-0" />}>
          <Chart bins={hour} fresh={fresh} point={setIndex} />
        </Suspense>
        {empty && (
          <p className="pointer-events-none absolute inset-0 grid place-content-center pb-6 text-13 text-ink-3">
            <span className="bg-s1 px-2">No tokens in the last hour</span>
          </p>
        )}
      </div>
      <figcaption className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1 text-12 text-ink-2">
        <span className="text-ink-3">{bin ? time(bin.at) : "last 60 min"}</span>
        {shownClasses(fresh).map(({ key, name, css }) => (
          <span key={key} className="flex items-center gap-1.5 whitespace-nowrap">
            <span className={`swatch swatch-key class-${css}`} />
            {bin ? <span className="font-medium text-ink">{tokens(bin.tokens[key])}</span> : name}
          </span>
        ))}
      </figcaption>
    </>
  );
}
