/** The alerts that the page knows, and which of them have just begun to call. */
import type { AlertShape } from "../api/frames.gen";

/** A page that stays open for weeks forgets the oldest that are over. */
const KEPT = 100;

/** The newest word about an alert holds; one that is over and never fired was nothing. */
export function withAlert(alerts: readonly AlertShape[], told: AlertShape): AlertShape[] {
  if (told.phase === "resolved" && told.firedAt === null) return alerts.filter(({ id }) => id !== told.id);
  if (alerts.some(({ id }) => id === told.id)) return alerts.map((one) => (one.id === told.id ? told : one));
  return [told, ...alerts].slice(0, KEPT);
}

export const isOpen = (alert: AlertShape): boolean => alert.phase === "firing" && alert.acknowledgedAt === null;

/** Those that fire now and did not before, the newest last; in quiet hours nobody is called. */
export function called(before: readonly AlertShape[], now: readonly AlertShape[]): AlertShape[] {
  const open = new Set(before.filter(({ phase }) => phase === "firing").map(({ id }) => id));
  return now.filter((alert) => isOpen(alert) && !alert.quiet && !open.has(alert.id)).reverse();
}

const PLACES: Record<AlertShape["phase"], number> = { firing: 0, pending: 1, resolved: 2 };
const WEIGHTS: Record<AlertShape["severity"], number> = { error: 0, warning: 1, info: 2 };

const moment = (alert: AlertShape): string => alert.resolvedAt ?? alert.firedAt ?? alert.since;

/** Firing first, of those what nobody has seen and what weighs more; then pending, then what ended since `dawn`. */
export function arranged(alerts: readonly AlertShape[], dawn: number): AlertShape[] {
  const place = (alert: AlertShape) => [PLACES[alert.phase], alert.acknowledgedAt === null ? 0 : 1] as const;
  return alerts
    .filter((alert) => alert.phase !== "resolved" || Date.parse(alert.resolvedAt ?? alert.since) >= dawn)
    .sort((a, b) => {
      const [[phaseA, seenA], [phaseB, seenB]] = [place(a), place(b)];
      if (phaseA !== phaseB) return phaseA - phaseB;
      const weight = phaseA === 0 ? seenA - seenB || WEIGHTS[a.severity] - WEIGHTS[b.severity] : 0;
      return weight || moment(b).localeCompare(moment(a)) || a.id.localeCompare(b.id);
    });
}
