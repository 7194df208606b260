/** Short words at the edge of the page. The three newest are shown; what went wrong stays until it is taken away. */
import { create } from "zustand";
import type { Tone } from "../lib/tone";

export interface Toast {
  /** Another one of the same key takes its place. */
  key: string;
  tone: Tone;
  words: string;
  detail?: string;
  verb?: string;
  act?: () => void;
  /** It does not leave by itself. */
  lasting?: boolean;
}

const SHOWN = 3;

interface Toasts {
  toasts: readonly Toast[];
  /** How many dialogs are open: what lies behind one cannot be clicked, so the dialog shows the toasts itself. */
  dialogs: number;
}

export const useToasts = create<Toasts>(() => ({ toasts: [], dialogs: 0 }));

/** A dialog has opened; returns how to say that it is closed. */
export function cover(): () => void {
  useToasts.setState(({ dialogs }) => ({ dialogs: dialogs + 1 }));
  return () => useToasts.setState(({ dialogs }) => ({ dialogs: dialogs - 1 }));
}

export function toast(news: Toast): void {
  const others = useToasts.getState().toasts.filter(({ key }) => key !== news.key);
  useToasts.setState({ toasts: [...others, news].slice(-SHOWN) });
}

export function dismiss(key: string): void {
  const { toasts } = useToasts.getState();
  if (toasts.some((one) => one.key === key)) useToasts.setState({ toasts: toasts.filter((one) => one.key !== key) });
}

/** Tells that something was not done, in the server's words. */
export function complain(key: string, trouble: unknown): void {
  const { message, hint } = trouble as { message: string; hint?: string };
  toast({ key, tone: "danger", words: message, ...(hint ? { detail: hint } : {}), lasting: true });
}
