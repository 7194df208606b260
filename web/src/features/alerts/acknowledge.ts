/** Saying "I have seen it": shown at once, taken back in the server's words when it refuses. */
import { create } from "zustand";
import type { AlertShape } from "../../api/frames.gen";
import { ask } from "../../api/rest";
import { isOpen } from "../../state/alerts";
import { complain, dismiss } from "../../state/toasts";

interface Asked {
  /** What was acknowledged here and may not have come back yet. */
  ids: ReadonlySet<string>;
}

export const useAsked = create<Asked>(() => ({ ids: new Set() }));

/** Whether it still calls for somebody. */
export const calls = (alert: AlertShape, { ids }: Asked): boolean => isOpen(alert) && !ids.has(alert.id);

export const keyOf = (alert: AlertShape): string => `alert ${alert.id}`;

export async function acknowledge(alert: AlertShape): Promise<void> {
  if (!calls(alert, useAsked.getState())) return;
  useAsked.setState(({ ids }) => ({ ids: new Set([...ids, alert.id]) }));
  dismiss(keyOf(alert));
  try {
    await ask("POST", `/api/alerts/${encodeURIComponent(alert.id)}/acknowledge`);
  } catch (trouble) {
    useAsked.setState(({ ids }) => ({ ids: new Set([...ids].filter((id) => id !== alert.id)) }));
    complain(keyOf(alert), trouble);
  }
}
