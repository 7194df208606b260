/** The report on a session: asked for when it is opened, and again while the session goes on. */
import { useEffect, useState } from "react";
import type { ReportShape, SessionShape } from "../../../api/frames.gen";
import { ask } from "../../../api/rest";
import { useLive } from "../../../state/live";

/** A session that works is asked about at most so often. */
const AGAIN = 10_000;

interface Asked {
  id: string;
  report: ReportShape | null;
  trouble: Error | null;
}

export interface Reported {
  report: ReportShape | null;
  /** Why there is none, or no newer one. */
  trouble: Error | null;
  retry: () => void;
}

/** What is known stays while it is asked again. */
export function useReport(id: string, session: SessionShape | null): Reported {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [tries, setTries] = useState(0);
  const link = useLive((state) => state.link.state);
  const beat = Math.floor(Date.parse(session?.lastActivityAt ?? "") / AGAIN) || 0;
  const news = `${session?.status ?? ""} ${beat} ${tries} ${link}`;
  const settled = link === "live" || link === "offline"; // who is offline is told so by the answer that does not come
  useEffect(() => {
    if (!settled) return;
    let over = false;
    const told = (news: Partial<Asked>) => {
      if (!over)
        setAsked((before) => ({ report: before?.id === id ? before.report : null, trouble: null, id, ...news }));
    };
    ask<ReportShape>("GET", `/api/sessions/${encodeURIComponent(id)}/report`).then(
      (report) => told({ report }),
      (trouble: Error) => told({ trouble }),
    );
    return () => {
      over = true;
    };
  }, [id, news, settled]);
  const known = asked?.id === id ? asked : null;
  return { report: known?.report ?? null, trouble: known?.trouble ?? null, retry: () => setTries(tries + 1) };
}
