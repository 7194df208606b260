/** The one store: what is shown, how the link is, and whether drawing is paused. Messages are reduced at once, shown later. */
import { create } from "zustand";
import { median } from "../api/offset";
import { APART, type Link, type Transport } from "../api/transport";
import { Pace } from "./pace";
import { BLANK, type Picture, reduce } from "./picture";

const MEASURED_FRAMES = 20;
/** A line this much older than its frame was caught up on, and says nothing of the delay. */
const CATCHING_UP = 60_000;

export interface Live {
  picture: Picture;
  link: Link;
  /** Milliseconds from log line to drawing, median of the last 20 frames. */
  delay: number | null;
  paused: boolean;
  /** Frames that came while drawing was paused. */
  waiting: number;
}

export const QUIET: Live = { picture: BLANK, link: APART, delay: null, paused: false, waiting: 0 };

export const useLive = create<Live>(() => QUIET);

export const useSnapshot = () => useLive((state) => state.picture.snapshot);

let latest: Picture = BLANK;
let waiting = 0;
let written: number[] = [];
let delays: number[] = [];

const pace = new Pace(() => {
  const { paused, link, delay } = useLive.getState();
  if (paused) return useLive.setState({ waiting });
  delays = [...delays, ...written.map((at) => Date.now() + link.offset - at)].slice(-MEASURED_FRAMES);
  waiting = 0;
  written = [];
  useLive.setState({ picture: latest, waiting, delay: delays.length > 0 ? Math.max(0, median(delays)) : delay });
});

/** Starts listening; returns how to stop. `before` is a picture of old to show until the server speaks. */
export function listen(transport: Transport, before: Picture = BLANK): () => void {
  latest = before;
  [waiting, written, delays] = [0, [], []];
  useLive.setState({ ...QUIET, picture: before });
  transport.start({
    message(message) {
      const next = reduce(latest, message);
      if (next === latest) return;
      latest = next;
      waiting += 1;
      if ("sentAt" in message) note(Date.parse(message.at), Date.parse(message.sentAt));
      pace.want();
    },
    link: (link) => useLive.setState({ link }),
    tooSlow: () => pace.slow(),
  });
  return () => {
    pace.stop();
    transport.stop();
  };
}

/** What waits because somebody paused, or looks at another tab, says nothing of the delay. */
function note(at: number, sentAt: number): void {
  if (useLive.getState().paused || document.visibilityState === "hidden") return;
  if (sentAt - at < CATCHING_UP) written = [...written.slice(1 - MEASURED_FRAMES), at];
}

export function togglePause(): void {
  const paused = !useLive.getState().paused;
  useLive.setState({ paused });
  if (!paused) pace.want();
}
