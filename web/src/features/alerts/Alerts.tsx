import { useEffect, useMemo, useState } from "react";
import type { AlertShape } from "../../api/frames.gen";
import { EmptyState } from "../../components/EmptyState";
import { later } from "../../components/later";
import { Panel } from "../../components/Panel";
import { useHeld, useStill } from "../../components/useHeld";
import { plural } from "../../lib/format";
import { useKey } from "../../lib/keys";
import { arranged } from "../../state/alerts";
import { useNowEvery } from "../../state/clock";
import { useLive } from "../../state/live";
import { acknowledge, calls, useAsked } from "./acknowledge";
import { Row } from "./Row";
import { loadRules, useRules } from "./rules";

const Rules = later("Rules", () => import("./Rules"));
const SHOWN = 6;

/** What calls for somebody, what may soon, and what is over for today. Nothing moves under the pointer. */
export function Alerts() {
  const alerts = useLive((state) => state.picture.alerts);
  const dawn = new Date(useNowEvery(60_000)).setHours(0, 0, 0, 0);
  const wanted = useMemo(() => arranged(alerts, dawn), [alerts, dawn]);
  const { held, bind } = useHeld();
  const shown = ordered(wanted, useStill(wanted, held));
  const [all, setAll] = useState(false);
  const [opened, setOpened] = useState(false);
  useKey("a", () => {
    const first = wanted.find((alert) => calls(alert, useAsked.getState()));
    if (first) void acknowledge(first);
  });
  return (
    <Panel
      id="alerts"
      title="Alerts"
      className={shown.length > 0 ? "!pb-2" : ""}
      aside={
        <button type="button" className="control -mr-2.5" onClick={() => setOpened(true)}>
          Rules
        </button>
      }
    >
      {shown.length === 0 ? (
        <Nothing />
      ) : (
        <div {...bind}>
          <ul className="alerts">
            {shown.slice(0, all ? undefined : SHOWN).map((alert) => (
              <Row key={alert.id} alert={alert} />
            ))}
          </ul>
          {shown.length > SHOWN && (
            <button type="button" className="control -ml-2.5 mt-1" onClick={() => setAll(!all)}>
              {all ? "Show fewer" : `Show all ${shown.length}`}
            </button>
          )}
        </div>
      )}
      {opened && <Rules close={() => setOpened(false)} />}
    </Panel>
  );
}

/** The newest word about each, in the order that is kept; what is new comes last. */
function ordered(wanted: readonly AlertShape[], still: readonly AlertShape[]): AlertShape[] {
  const byId = new Map(wanted.map((alert) => [alert.id, alert]));
  const kept = new Set(still.map(({ id }) => id));
  return [...still.flatMap(({ id }) => byId.get(id) ?? []), ...wanted.filter(({ id }) => !kept.has(id))];
}

function Nothing() {
  const rules = useRules((state) => state.rules);
  const live = useLive((state) => state.link.state === "live");
  useEffect(() => {
    if (live) void loadRules();
  }, [live]);
  const active = rules?.filter(({ enabled }) => enabled).length;
  return (
    <EmptyState what="Nothing has fired today.">
      {active !== undefined && `${plural(active, "rule is", "rules are")} active.`}
    </EmptyState>
  );
}
