import type { TokensShape } from "../../api/frames.gen";
import { Money, Tokens } from "../../components/Figures";
import { Panel } from "../../components/Panel";
import { CLASSES } from "../../lib/classes";
import { percent, plural, tokens, UNKNOWN, zone } from "../../lib/format";
import { useSnapshot } from "../../state/live";

/** The local day: money, tokens by class, requests. */
export function Today() {
  const snapshot = useSnapshot();
  const today = snapshot?.today;
  const place = zone(snapshot?.timezone ?? "");
  const asides = [snapshot?.progress ? "so far" : "", place].filter(Boolean).join(" · ");
  const missing = today ? lacking(today.unpricedTokens, today.understatedRequests) : "";
  return (
    <Panel id="today" title="Today" aside={asides && <span className="text-12 text-ink-3">{asides}</span>}>
      <div className="grid gap-4">
        <div className="flex items-end justify-between gap-4">
          <p>
            <span className="block font-semibold text-28">
              <Money
                value={today?.costUsd ?? null}
                unpricedTokens={today?.unpricedTokens}
                understated={today?.understatedRequests}
              />
            </span>
            <span className="text-12 text-ink-3">{missing || "API-equivalent"}</span>
          </p>
          <p className="text-right">
            <span className="block font-semibold text-20">
              {today ? <Tokens value={today.tokens.total} atLeast={today.understatedRequests > 0} /> : UNKNOWN}
            </span>
            <span className="text-12 text-ink-3">tokens{today ? ` in ${plural(today.requests, "request")}` : ""}</span>
          </p>
        </div>
        {today && <Classes tokensOf={today.tokens} />}
      </div>
    </Panel>
  );
}

function lacking(unpriced: number, understated: number): string {
  if (unpriced > 0) return `${tokens(unpriced)} tokens have no price`;
  return understated > 0 ? `${plural(understated, "request")} did not log all output` : "";
}

function Classes({ tokensOf }: { tokensOf: TokensShape }) {
  const total = tokensOf.total;
  return (
    <>
      <div aria-hidden="true" className="flex h-3.5 gap-px overflow-hidden rounded-full bg-s2">
        {CLASSES.map(({ key, css }) =>
          tokensOf[key] > 0 ? (
            <span key={key} className={`swatch class-${css} min-w-[3px]`} style={{ flexGrow: tokensOf[key] / total }} />
          ) : null,
        )}
      </div>
      <dl className="grid gap-1 text-12">
        {CLASSES.map(({ key, name, css }) => (
          <div key={key} className="flex items-center gap-2">
            <dt className="flex flex-1 items-center gap-2 whitespace-nowrap text-ink-2">
              <span className={`swatch swatch-key class-${css}`} />
              {name}
            </dt>
            <dd className="whitespace-nowrap font-medium">
              <Tokens value={tokensOf[key]} />
            </dd>
            <dd className="w-11 whitespace-nowrap text-right text-ink-3">
              {total > 0 ? percent(tokensOf[key] / total) : UNKNOWN}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
