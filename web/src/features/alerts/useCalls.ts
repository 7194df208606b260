import { useEffect } from "react";
import { called } from "../../state/alerts";
import { useLive } from "../../state/live";
import { dismiss, toast } from "../../state/toasts";
import { acknowledge, calls, keyOf, useAsked } from "./acknowledge";
import { lookOf, whereWords } from "./words";

/** A toast for each alert that begins to fire while the page is open; it leaves when there is nothing left to say. */
export function useCalls(): void {
  useEffect(
    () =>
      useLive.subscribe(({ picture: now }, { picture: before }) => {
        if (now.alerts === before.alerts || before.epoch === "") return; // what a page finds on its arrival calls nobody
        for (const alert of now.alerts) if (!calls(alert, useAsked.getState())) dismiss(keyOf(alert));
        for (const alert of called(before.alerts, now.alerts)) {
          toast({
            key: keyOf(alert),
            tone: lookOf(alert).tone,
            words: alert.title,
            detail: whereWords(alert, now.names[alert.sessionId ?? ""]),
            verb: "Acknowledge",
            act: () => void acknowledge(alert),
          });
        }
      }),
    [],
  );
}
