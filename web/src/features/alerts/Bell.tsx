import { BellIcon, BellRing } from "lucide-react";
import { plural } from "../../lib/format";
import { useLive } from "../../state/live";
import { calls, useAsked } from "./acknowledge";
import { lookOf } from "./words";

/** How many alerts fire that nobody has seen; leads to them. */
export function Bell() {
  const alerts = useLive((state) => state.picture.alerts);
  const stale = useLive((state) => state.link.state !== "live");
  const asked = useAsked();
  const open = alerts.filter((alert) => calls(alert, asked));
  const worst =
    open.find(({ severity }) => severity === "error") ?? open.find(({ severity }) => severity === "warning");
  const tone =
    open.length === 0 || stale ? "idle" : lookOf(worst ?? open[0] ?? { phase: "firing", severity: "info" }).tone;
  const Icon = open.length > 0 ? BellRing : BellIcon;
  const words = open.length > 0 ? `${plural(open.length, "alert")} not acknowledged` : "No alert calls";
  return (
    <a href="#alerts" className={`segment !px-0 tone-${tone} toned`} aria-label={words} title={words}>
      <Icon size={16} strokeWidth={1.75} aria-hidden="true" className="flex-none" />
      {open.length > 0 && <span className="font-semibold">{open.length}</span>}
    </a>
  );
}
