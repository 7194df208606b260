/** A timer at the server's time of now: a function of its end, never a count of ticks. */
import type { TimerShape } from "../../api/frames.gen";
import type { Tone } from "../../lib/tone";

export type Standing = "running" | "paused" | "completed" | "time is up";

const [WATCH, NEAR] = [0.8, 0.95];

/** Milliseconds that are left; a paused timer stands still. */
export function remaining(timer: TimerShape, now: number): number {
  if (timer.state !== "running" || timer.endsAt === null) return timer.remainingMs;
  return Math.min(timer.durationMs, Math.max(0, Date.parse(timer.endsAt) - now));
}

/** What it does; one that has run out says so before the server does. */
export function standing(timer: TimerShape, now: number): Standing {
  if (timer.state === "expired" || (timer.state === "running" && remaining(timer, now) === 0)) return "time is up";
  return timer.state;
}

export const toneOf = (state: Standing): Tone => (state === "running" ? "ok" : state === "time is up" ? "you" : "idle");

/** Of a budget: to be watched from four fifths on, nearly gone from nineteen twentieths on. */
export const spent = (share: number): Tone => (share >= NEAR ? "danger" : share >= WATCH ? "warn" : "ok");
