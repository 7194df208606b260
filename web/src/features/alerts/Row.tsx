import { Check } from "lucide-react";
import { memo } from "react";
import type { AlertShape } from "../../api/frames.gen";
import { Ago } from "../../components/Figures";
import { shortId } from "../../lib/format";
import { useLive } from "../../state/live";
import { acknowledge, calls, useAsked } from "./acknowledge";
import { Glyph } from "./Glyph";
import { lookOf, whenWords, whereWords } from "./words";

/** One alert: how heavy, what, where, how far, since when; and whether somebody has seen it. */
export const Row = memo(function Row({ alert }: { alert: AlertShape }) {
  const { sessionId } = alert;
  const name = useLive((state) => (sessionId === null ? null : (state.picture.names[sessionId] ?? shortId(sessionId))));
  const asked = useAsked();
  const look = lookOf(alert);
  const quiet = alert.phase !== "firing";
  const where = whereWords(alert, name);
  const when = [whenWords(alert), alert.quiet ? "in quiet hours" : ""].filter(Boolean).join(", ");
  return (
    <li className="alert">
      <Glyph look={look} />
      <p className="col-span-2 flex min-w-0 items-baseline gap-3">
        <span className={`min-w-0 flex-1 text-13 ${quiet ? "text-ink-2" : "font-semibold"}`}>{alert.title}</span>
        <span className="flex-none text-12 text-ink-3">
          <Ago at={alert.resolvedAt ?? alert.firedAt ?? alert.since} />
        </span>
      </p>
      <p className="col-start-2 min-w-0 text-12 text-ink-3">
        {where && <span className="block text-ink-2">{where}</span>}
        <span className={quiet ? "" : `tone-${look.tone} toned`}>{look.word}</span> {when}
      </p>
      {alert.phase === "firing" && <Seen alert={alert} seen={!calls(alert, asked)} />}
    </li>
  );
});

/** It stays where it is when it was pressed: whoever came by keyboard keeps the place. */
function Seen({ alert, seen }: { alert: AlertShape; seen: boolean }) {
  return (
    <button
      type="button"
      className={`control self-end ${seen ? "!px-0" : "control-edge"}`}
      aria-disabled={seen}
      aria-label={`${seen ? "Acknowledged" : "Acknowledge"}: ${alert.title}`}
      title={seen ? undefined : "Acknowledge (a takes the first)"}
      onClick={() => void acknowledge(alert)}
    >
      {seen && <Check size={14} strokeWidth={1.75} aria-hidden="true" />}
      {seen ? "Seen" : "Acknowledge"}
    </button>
  );
}
