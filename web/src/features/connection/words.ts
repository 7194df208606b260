import type { Link } from "../../api/transport";
import { ago, duration, plural } from "../../lib/format";
import type { Tone } from "../../lib/tone";

const SLOW = 1_000;

export interface LinkWords {
  word: string;
  detail: string;
  tone: Tone;
}

interface Told {
  link: Link;
  delay: number | null;
  paused: boolean;
  waiting: number;
}

/** The state of the link as the strip says it. `now` is this machine's time. */
export function linkWords({ link, delay, paused, waiting }: Told, now: number): LinkWords {
  if (link.state === "offline" || link.state === "refused")
    return { word: "offline", detail: old(link, now), tone: "danger" };
  if (link.state === "connecting") return { word: "connecting", detail: "", tone: "idle" };
  if (link.state === "reconnecting") return { word: "reconnecting", detail: old(link, now), tone: "warn" };
  if (paused)
    return { word: "paused", detail: waiting > 0 ? `${plural(waiting, "update")} waiting` : "", tone: "info" };
  if (delay === null) return { word: "live", detail: "", tone: "ok" };
  if (delay > SLOW) return { word: "slow", detail: `delay ${duration(delay)}`, tone: "warn" };
  return { word: "live", detail: duration(delay), tone: "ok" };
}

const old = (link: Link, now: number) =>
  link.heardAt === 0 ? "" : `data ${ago(link.heardAt, now)} old`.replace("now old", "just now");
