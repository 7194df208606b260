import { useEffect, useState } from "react";
import type { PreviewShape } from "../../api/frames.gen";
import { ask } from "../../api/rest";
import { date, plural } from "../../lib/format";

const REST = 300;

/** How often the rule would have fired, with this threshold or its own; nothing while nobody is about to change it. */
export function usePreview(rule: string, asked: boolean, threshold: number | null): string | null {
  const [words, setWords] = useState<string | null>(null);
  useEffect(() => {
    if (!asked) {
      setWords(null);
      return;
    }
    let late = false;
    const body = threshold === null ? { rule } : { rule, threshold };
    const timer = setTimeout(async () => {
      const said = await ask<PreviewShape>("POST", "/api/alert-rules/preview", body)
        .then(previewWords)
        .catch((trouble: Error) => trouble.message);
      if (!late) setWords(said);
    }, REST);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [rule, asked, threshold]);
  return words;
}

/** `Would have fired 3 times in the last 7 days, last on Tue 14:02.` */
export function previewWords({ known, why, days, count, instants }: PreviewShape): string {
  if (!known) return why ?? "History does not tell how often this would have fired.";
  const span = `in the last ${plural(days, "day")}`;
  if (count === 0) return `Would not have fired ${span}.`;
  const [last] = instants;
  const when = last === undefined ? "" : `, last ${date(Date.parse(last), Date.now())}`;
  return `Would have fired ${count === 1 ? "once" : plural(count, "time")} ${span}${when}.`;
}
