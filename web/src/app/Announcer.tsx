import { useEffect, useRef, useState } from "react";
import { useLive } from "../state/live";
import { type Toast, useToasts } from "../state/toasts";
import { announcement } from "./announcement";

const SHORTEST = 10_000;

/** The words of a toast that has just come. */
function newest(now: readonly Toast[], before: readonly Toast[]): string | null {
  const last = now.at(-1);
  return last && !before.includes(last) ? [last.words, last.detail].filter(Boolean).join(". ") : null;
}

/** Tells those who listen what needs them: at most once in ten seconds, the newest wins, never a ticking number. */
export function Announcer() {
  const [text, setText] = useState("");
  const pending = useRef({ saidAt: 0, timer: 0 });
  useEffect(() => {
    const { current } = pending;
    const tell = (news: string | null) => {
      if (news === null) return;
      window.clearTimeout(current.timer);
      const say = () => {
        current.saidAt = Date.now();
        setText(news);
      };
      current.timer = window.setTimeout(say, Math.min(SHORTEST, Math.max(0, current.saidAt + SHORTEST - Date.now())));
    };
    const stops = [
      useLive.subscribe((now, before) => tell(announcement(before, now))),
      useToasts.subscribe(({ toasts: now }, { toasts: before }) => tell(newest(now, before))),
    ];
    return () => {
      window.clearTimeout(current.timer);
      for (const stop of stops) stop();
    };
  }, []);
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {text}
    </p>
  );
}
