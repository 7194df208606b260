/** An invented report on session c3, with something in each of its parts. */
import type { ReportShape, SpendingShape, ToolUseShape } from "../api/frames.gen";
import { iso, objectivesAt, sessionOf, sessionsAt, tokensOf } from "./sample";

const MINUTE = 60_000;
const some = { tokens: tokensOf(900, 6_100, 42_000, 310_000), costUsd: 0.92, requests: 12, unpricedTokens: 0 };
const calls = { calls: 31, failed: 0, denied: 0, open: 0, durationMs: 42_000, p50Ms: 38, p95Ms: 1_240 };

const toolOf = (tool: string, over: Partial<ToolUseShape> = {}): ToolUseShape => ({
  tool,
  server: null,
  ...calls,
  ...some,
  ...over,
});

const fileOf = (now: number, path: string, edits: number, reads: number) => ({
  path,
  calls: edits + reads,
  reads,
  edits,
  failed: 0,
  added: edits > 0 ? edits * 14 : null,
  removed: edits > 0 ? edits * 3 : null,
  firstAt: iso(now - 50 * MINUTE),
  lastAt: iso(now - MINUTE),
});

const commandOf = (now: number, label: string | null, runs: number, failed: number, failedInRow: number) => ({
  label,
  runs,
  failed,
  denied: 0,
  open: 0,
  failedInRow,
  repeats: runs - 1,
  durationMs: runs * 8_400,
  firstAt: iso(now - 40 * MINUTE),
  lastAt: iso(now - 2 * MINUTE),
});

export const spending: SpendingShape = {
  costUsd: 6.02,
  requests: 94,
  sessions: 1,
  unpricedTokens: 0,
  rebuilds: [{ cause: "idle", times: 2, rewrittenTokens: 96_000, wastedUsd: 0.36 }],
  largeContext: { requests: 8, costUsd: 1.44, share: 0.24 },
  priceCliffs: { requests: 0, costUsd: 0, share: 0 },
  subagents: { requests: 24, costUsd: 1.15, share: 0.19 },
  models: [
    { model: "claude-opus-4-8-20260801", tokens: some.tokens, requests: 70, costUsd: 4.87, listUsd: 4.87, instead: [] },
    { model: "claude-sonnet-5", tokens: some.tokens, requests: 24, costUsd: 1.15, listUsd: 1.15, instead: [] },
  ],
  prompts: 9,
  costPerPrompt: 0.67,
  commits: 2,
  costPerCommit: 3.01,
  changed: {
    basis: "attributed",
    linesAdded: 238,
    linesRemoved: 51,
    costPerLine: 0.0208,
    filesEdited: 3,
    costPerFile: 2.01,
  },
  tools: { calls: 74, failed: 3, share: 0.04 },
};

export const reportAt = (now: number, over: Partial<ReportShape> = {}): ReportShape => ({
  session: sessionsAt(now)[2] ?? sessionOf(now, { id: "c3" }),
  time: {
    startedAt: iso(now - 74 * MINUTE),
    endedAt: null,
    wallMs: 74 * MINUTE,
    workingMs: 52 * MINUTE,
    waitingMs: 22 * MINUTE,
    turns: 9,
  },
  states: {
    workingMs: 43 * MINUTE,
    permissionMs: 6 * MINUTE,
    questionMs: 2 * MINUTE,
    waitingMs: 17 * MINUTE,
    idleMs: 5 * MINUTE,
    compactingMs: MINUTE,
    limitedMs: 0,
    errorMs: 0,
    totalMs: 74 * MINUTE,
    sources: ["log", "hooks"],
  },
  models: [],
  tools: [
    toolOf("Edit"),
    toolOf("Bash", { calls: 24, failed: 3, costUsd: 0.71, p95Ms: 8_400 }),
    toolOf("Read", { calls: 40, costUsd: 0.4 }),
    toolOf("mcp__github__create_issue", { server: "github", calls: 2, denied: 1, costUsd: 0.08 }),
  ],
  servers: [{ server: "github", tools: 1, ...calls, ...some, calls: 2, denied: 1, costUsd: 0.08 }],
  skills: [{ skill: "pdf", ...calls, ...some, calls: 4, costUsd: 0.21 }],
  files: {
    files: [
      fileOf(now, "web/src/features/session/strip.tsx", 12, 4),
      fileOf(now, "web/src/app/Strip.tsx", 5, 2),
      fileOf(now, "docs/design/page.md", 0, 3),
    ],
    totals: { files: 41, edited: 17, calls: 200, reads: 150, edits: 50, failed: 1, added: 238, removed: 51 },
  },
  commands: {
    commands: [
      commandOf(now, "npm run", 14, 4, 3),
      commandOf(now, "git commit", 2, 0, 0),
      commandOf(now, null, 1, 0, 0),
    ],
    totals: { labels: 3, runs: 17, failed: 4, denied: 0, open: 0, failedInRow: 3, repeats: 14, durationMs: 142_800 },
  },
  objectives: objectivesAt(now).objectives,
  happened: { prompts: 9, compactions: 2, errors: 1, limits: 0, pullRequests: 0, commits: 2 },
  efficiency: null,
  spending,
  auxiliary: {
    tokens: tokensOf(4_000, 900, 0, 0),
    costUsd: 0.04,
    requests: 5,
    bySource: [
      { source: "compact", tokens: tokensOf(3_000, 700, 0, 0), costUsd: 0.03, requests: 2 },
      { source: "generate_session_title", tokens: tokensOf(1_000, 200, 0, 0), costUsd: 0.01, requests: 3 },
    ],
  },
  telemetry: {
    lastAt: iso(now - 20_000),
    requests: 99,
    errors: 1,
    linesAdded: 240,
    linesRemoved: 51,
    commits: 2,
    pullRequests: 0,
    activeUserMs: 12 * MINUTE,
    activeCliMs: 41 * MINUTE,
    compactions: [],
  },
  ...over,
});
