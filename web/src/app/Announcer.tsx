import { useEffect, useRef, useState } from "react";
import { useLive } from "../state/live";
import { announcement } from "./announcement";

const SHORTEST = 10_000;

/** Tells those who listen what needs them: at most once in ten seconds, the newest wins, never a ticking number. */
export function Announcer() {
  const [text, setText] = useState("");
  const pending = useRef({ saidAt: 0, timer: 0 });
  useEffect(() => {
    const { current } = pending;
    const stop = useLive.subscribe((now, before) => {
      const news = announcement(before, now);
      if (news === null) return;
      window.clearTimeout(current.timer);
      const say = () => {
        current.saidAt = Date.now();
        setText(news);
      };
      current.timer = window.setTimeout(say, Math.min(SHORTEST, Math.max(0, current.saidAt + SHORTEST - Date.now())));
    });
    return () => {
      window.clearTimeout(current.timer);
      stop();
    };
  }, []);
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {text}
    </p>
  );
}
