/** Every state of page.md §11 that the page has so far: what the server said, and how the link is. */
import type { Hello } from "../api/frames.gen";
import type { Link } from "../api/transport";
import {
  ailing,
  alertsAt,
  blockAt,
  estimatedQuotaAt,
  firstRun,
  forecastAt,
  handOf,
  helloAt,
  jumpAt,
  sessionOf,
  sessionsAt,
  stateOf,
  timerAt,
  today,
} from "./sample";

export interface Shown {
  hello: Hello | null;
  link: Partial<Link>;
  paused?: boolean;
  /** What a reader must find on the page. */
  says: string[];
}

const LIVE: Partial<Link> = { state: "live" };
const MINUTE = 60_000;

export const STATES: Record<string, (now: number) => Shown> = {
  live: (now) => ({
    hello: helloAt(now),
    link: LIVE,
    says: ["live", "Needs approval", "Has a question", "$18.40", "Expected", "13.9M", "28 of your windows"],
  }),
  "first run": (now) => ({
    hello: helloAt(now, firstRun),
    link: LIVE,
    says: ["No agent logs found yet", "~/.claude/projects", "not there", "moonlock start --simulation"],
  }),
  "by hand": (now) => ({
    hello: helloAt(now, {
      sessions: [
        ...sessionsAt(now),
        handOf(now, { id: "h1" }),
        handOf(now, {
          id: "h2",
          name: "Write docs",
          status: "paused",
          timer: timerAt(now, 45 * MINUTE, { state: "paused", endsAt: null, jumps: [jumpAt(now)] }),
          budget: { tokens: null, costUsd: 4, usedShare: 0.97 },
        }),
      ],
    }),
    link: LIVE,
    says: [
      "By hand",
      "Fix login",
      "2:30",
      "46 % of 5.00M tokens or $20.00",
      "82 % expected at the end (66 % to 118 %)",
      "24 % likely to pass it, about",
      "paused",
      "45:00",
      "1 clock jump noted",
    ],
  }),
  alerts: (now) => ({
    hello: helloAt(now, { sessions: [...sessionsAt(now), handOf(now, { id: "h1" })], alerts: alertsAt(now) }),
    link: LIVE,
    says: [
      "Budget used to four fifths",
      "Fix login · 84 %, threshold 80 %",
      "Warning since 13:00",
      "Error since 13:10",
      "moonlock",
      "Pending since",
      "threshold 2 min",
      "Over 12:32 to 12:47",
      "Seen",
    ],
  }),
  "nothing live": (now) => {
    const last = sessionOf(now, {
      id: "z9",
      status: "completed",
      state: stateOf(now - 18.5 * MINUTE),
      lastActivityAt: new Date(now - 18.5 * MINUTE).toISOString(),
    });
    return {
      hello: helloAt(now, {
        sessions: [last],
        block: { ...blockAt(now - 6 * 60 * MINUTE), isActive: false },
        forecast: null,
      }),
      link: LIVE,
      says: ["Nothing is running.", "Last: payments-api", "18 min ago", "No window open", "no live sessions"],
    };
  },
  "reading history": (now) => ({
    hello: helloAt(now, { progress: { files: 2_140, filesDone: 800, bytes: 1_000, bytesDone: 380 } }),
    link: LIVE,
    says: ["Reading 2,140 files · 38 %", "so far"],
  }),
  connecting: () => ({ hello: null, link: { state: "connecting", heardAt: 0 }, says: ["connecting"] }),
  reconnecting: (now) => ({
    hello: helloAt(now),
    link: { state: "reconnecting", heardAt: now - 12_000, lostAt: now - 12_000 },
    says: ["reconnecting", "data 12 s old", "Needs approval", "$18.40"],
  }),
  offline: (now) => ({
    hello: helloAt(now),
    link: { state: "offline", heardAt: now - 45_000, lostAt: now - 45_000 },
    says: ["Moonlock does not answer.", "moonlock start", "Retry now", "$18.40"],
  }),
  paused: (now) => ({ hello: helloAt(now), link: LIVE, paused: true, says: ["paused"] }),
  simulation: (now) => ({
    hello: helloAt(now, { simulation: true }),
    link: LIVE,
    says: ["Simulation: nothing here is real."],
  }),
  "page outdated": (now) => ({
    hello: { ...helloAt(now), protocol: 2 },
    link: LIVE,
    says: ["A newer page is ready.", "Reload"],
  }),
  "not allowed": () => ({
    hello: null,
    link: { state: "refused", refusal: { message: "This host is not allowed.", hint: "Open http://localhost:3001." } },
    says: ["This page may not read your sessions", "This host is not allowed.", "Open http://localhost:3001."],
  }),
  unpriced: (now) => ({
    hello: helloAt(now, { today: { ...today, costUsd: 3.2, unpricedTokens: 12_300 } }),
    link: LIVE,
    says: ["≥ $3.20", "12.3k tokens have no price"],
  }),
  understated: (now) => ({
    hello: helloAt(now, { today: { ...today, understatedRequests: 2 } }),
    link: LIVE,
    says: ["≥ $18.40", "2 requests did not log all output"],
  }),
  unknown: (now) => ({
    hello: helloAt(now, {
      today: { ...today, costUsd: null },
      block: null,
      sessions: [sessionOf(now, { id: "u", context: null, costUsd: null, model: null, title: null, objectives: null })],
    }),
    link: LIVE,
    says: ["—", "No title yet"],
  }),
  "learning a forecast": (now) => {
    const { basis } = forecastAt(now);
    return {
      hello: helloAt(now, { forecast: forecastAt(now, { basis: { ...basis, windows: 2, learning: true } }) }),
      link: LIVE,
      says: ["learning: 2 of 5 windows", "10.9M to 19.6M"],
    };
  },
  "limit in sight": (now) => ({
    hello: helloAt(now, {
      forecast: forecastAt(now, {
        overrunProbability: 0.42,
        limit: { tokens: 20_000_000, costUsd: 15, source: "configured" },
      }),
    }),
    link: LIVE,
    says: ["42 % likely to pass 20.0M tokens or $15.00 (configured)"],
  }),
  "unusual pace": (now) => ({
    hello: helloAt(now, {
      forecast: forecastAt(now, {
        anomaly: {
          state: "high",
          unit: "costUsd",
          since: new Date(now - 4 * MINUTE).toISOString(),
          rate: 0.9,
          usual: 0.06,
          high: 0.24,
          minutes: 812,
        },
      }),
    }),
    link: LIVE,
    says: ["unusually fast"],
  }),
  "official window": (now) => ({
    hello: helloAt(now, { block: { ...blockAt(now), anchor: "official" } }),
    link: LIVE,
    says: ["official"],
  }),
  stale: (now) => ({
    hello: helloAt(now, {
      sessions: sessionsAt(now).map((session) => ({
        ...session,
        state: { ...session.state, certain: false, since: new Date(now - 7 * MINUTE).toISOString() },
      })),
    }),
    link: LIVE,
    says: ["Probably needs approval", "Probably running"],
  }),
  limits: (now) => ({
    hello: helloAt(now),
    link: LIVE,
    says: [
      "84 % high",
      "official, 40 s ago",
      "64 % chance to run out, about 14:18, 32 min before the reset",
      "resets 14:49, in 1:37:48",
      "54 %",
      "9 points ahead of an even pace",
      "Max 20x",
      "week",
    ],
  }),
  "limits estimated": (now) => ({
    hello: helloAt(now, { quota: estimatedQuotaAt(now) }),
    link: LIVE,
    says: ["~71 %", "estimated", "of $12.50, which nine of ten of your 34 windows stayed below; no limit is known"],
  }),
  "limits unknown": (now) => ({
    hello: helloAt(now, { quota: null }),
    link: LIVE,
    says: ["Not reported yet.", "moonlock connect claude-code"],
  }),
  ailing: (now) => ({ hello: helloAt(now, { health: ailing }), link: LIVE, says: ["2 findings"] }),
  crowded: (now) => ({
    hello: helloAt(now, {
      sessions: Array.from({ length: 24 }, (_, i) =>
        sessionOf(now, {
          id: `n${i}`,
          project: `project-with-a-rather-long-name-${i}`,
          title: "A title ".repeat(30),
          objectives: null,
        }),
      ),
    }),
    link: LIVE,
    says: ["24 running"],
  }),
};
