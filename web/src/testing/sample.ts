/** Invented messages for tests and the gallery; everything is relative to the `now` that is given. */
import type {
  AlertShape,
  BlockShape,
  CheckpointShape,
  ContextShape,
  ForecastShape,
  HealthShape,
  Hello,
  HintList,
  MinuteShape,
  ObjectiveList,
  QuotaShape,
  RuleShape,
  ServerMessage,
  SessionShape,
  Snapshot,
  SubagentShape,
  TimerShape,
  TokensShape,
  TotalsShape,
} from "../api/frames.gen";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const iso = (at: number): string => new Date(at).toISOString();

export function tokensOf(input: number, output: number, cacheCreation: number, cacheRead: number): TokensShape {
  return { input, output, cacheCreation, cacheRead, total: input + output + cacheCreation + cacheRead };
}

const totals = (tokens: TokensShape, costUsd: number | null, requests: number): TotalsShape => ({
  tokens,
  costUsd,
  requests,
  unpricedTokens: 0,
  understatedRequests: 0,
});

export const today = totals(tokensOf(41_200, 186_400, 1_902_000, 21_310_000), 18.4, 412);

export const blockAt = (now: number): BlockShape => ({
  id: iso(now - 3.37 * HOUR),
  startAt: iso(now - 3.37 * HOUR),
  endAt: iso(now + 1.63 * HOUR),
  isActive: true,
  anchor: "estimated",
  tokens: tokensOf(22_100, 92_300, 894_000, 9_870_000),
  costUsd: 8.92,
  requests: 203,
  unpricedTokens: 0,
  burnRate: { tokensPerMinute: 84_320, costPerHour: 4.52 },
});

export const forecastAt = (now: number, over: Partial<ForecastShape> = {}): ForecastShape => {
  const { startAt, endAt, anchor, burnRate } = blockAt(now);
  return {
    at: iso(now),
    window: { name: "five_hour", startAt, endAt, anchor },
    tokens: { expected: 13_900_000, low: 10_900_000, high: 19_600_000 },
    costUsd: { expected: 11.4, low: 8.92, high: 16.1 },
    limit: null,
    overrunProbability: null,
    limitAt: null,
    basis: { method: "analog-replay", windows: 28, effective: 61.4, priorShare: 0.22, learning: false },
    burnRate,
    ccusage: { tokensPerMinute: 53_800, costPerHour: 2.65, tokens: 16_100_000, costUsd: 13.2 },
    anomaly: { state: "usual", unit: "costUsd", since: null, rate: 0.075, usual: 0.06, high: 0.24, minutes: 812 },
    ...over,
  };
};

export const stateOf = (since: number, over: Partial<SessionShape["state"]> = {}): SessionShape["state"] => ({
  since: iso(since),
  source: "log",
  tool: null,
  target: null,
  certain: true,
  waitingFor: null,
  ...over,
});

export const contextOf = (now: number, used: number, over: Partial<ContextShape> = {}): ContextShape => {
  const limit = over.limit ?? 200_000;
  const compactsAt = Math.round(limit * 0.835);
  return {
    used,
    limit,
    share: used / limit,
    untilCompaction: Math.max(0, compactsAt - used),
    level: "healthy",
    assumed: false,
    limitSource: "official",
    compactsAt,
    compactsBy: "estimated",
    turns: { expected: Math.ceil((compactsAt - used) / 2_100), low: 8, high: 19, growth: 2_100 },
    asOf: iso(now - 4 * SECOND),
    advice: null,
    ...over,
  };
};

/** Two limits as the status line tells them: five hours that may not last, and a week that does. */
export const quotaAt = (now: number): QuotaShape => {
  const told = { source: "official" as const, asOf: iso(now - 40 * SECOND), ageMs: 40 * SECOND, basis: null };
  return {
    windows: [
      {
        ...told,
        name: "five_hour",
        lengthMs: 5 * HOUR,
        usedPercentage: 84,
        resetsAt: iso(now + 1.63 * HOUR),
        pace: { expectedPercentage: 67.4 },
        endPercentage: { expected: 108, low: 92, high: 131 },
        runsOutAt: iso(now + 1.1 * HOUR),
        overrunProbability: 0.64,
      },
      {
        ...told,
        name: "seven_day",
        lengthMs: 168 * HOUR,
        usedPercentage: 54,
        resetsAt: iso(now + 91 * HOUR),
        pace: { expectedPercentage: 45 },
        endPercentage: null,
        runsOutAt: null,
        overrunProbability: null,
      },
    ],
    plan: { name: "Max 20x", type: "claude_max", tier: "default_claude_max_20x" },
    accounts: 1,
  };
};

/** What is said without the provider's word: a share of one's own habit. */
export const estimatedQuotaAt = (now: number): QuotaShape => ({
  windows: [
    {
      name: "five_hour",
      lengthMs: 5 * HOUR,
      usedPercentage: 71,
      resetsAt: iso(now + 1.63 * HOUR),
      source: "estimated",
      asOf: null,
      ageMs: null,
      pace: null,
      endPercentage: null,
      runsOutAt: null,
      overrunProbability: null,
      basis: { unit: "costUsd", used: 8.92, usual: 12.5, most: 31.2, shareOfMost: 28.6, windows: 34 },
    },
  ],
  plan: null,
  accounts: 0,
});

export function sessionOf(now: number, over: Partial<SessionShape> & { id: string }): SessionShape {
  return {
    name: null,
    title: "Retry webhooks on 5xx",
    agent: "claude-code",
    agentSessionId: `${over.id}-aaaa-bbbb`,
    origin: "observed",
    status: "running",
    state: stateOf(now - 42 * SECOND),
    project: "payments-api",
    cwd: "/home/ada/payments-api",
    branch: "main",
    model: "claude-opus-4-8-20260801",
    version: "2.1.210",
    startedAt: iso(now - 74 * MINUTE),
    endedAt: null,
    lastActivityAt: iso(now - 4 * SECOND),
    tags: [],
    description: null,
    follow: null,
    tokens: tokensOf(4_100, 18_300, 201_000, 2_090_000),
    costUsd: 2.14,
    requests: 61,
    unpricedTokens: 0,
    understatedRequests: 0,
    subagentTokens: 0,
    timer: null,
    budget: null,
    forecast: null,
    context: contextOf(now, 142_000, { level: "warning", advice: "Compact now, at a point of your choice." }),
    objectives: { done: 3, total: 7, current: "Retry webhooks on 5xx" },
    subagents: [],
    pulse: [0, 2, 8, 30, 22, 5, 0, 0, 14, 40, 61, 44, 12, 8, 20],
    pulseAt: iso(Math.floor(now / MINUTE) * MINUTE),
    ...over,
  };
}

/** A timer of five hours that still has so much time. */
export const timerAt = (now: number, left: number, over: Partial<TimerShape> = {}): TimerShape => ({
  durationMs: 5 * HOUR,
  elapsedMs: 5 * HOUR - left,
  remainingMs: left,
  pausedMs: 0,
  state: "running",
  at: iso(now),
  endsAt: iso(now + left),
  jumps: [],
  ...over,
});

export const jumpAt = (now: number): TimerShape["jumps"][number] => ({ kind: "clock", at: iso(now), byMs: -HOUR });

/** How a session by hand with a budget may end. */
export const handForecastAt = (now: number): SessionShape["forecast"] => ({
  tokens: { expected: 4_100_000, low: 3_300_000, high: 5_900_000 },
  costUsd: { expected: 12.4, low: 9.8, high: 18.1 },
  overrunProbability: 0.24,
  limitAt: { expected: iso(now + 2.1 * HOUR), low: iso(now + 1.6 * HOUR), high: iso(now + 2.4 * HOUR) },
  basis: forecastAt(now).basis,
});

/** A session that a person started. */
export const handOf = (now: number, over: Partial<SessionShape> & { id: string }): SessionShape =>
  sessionOf(now, {
    name: "Fix login",
    title: null,
    agent: "person",
    origin: "manual",
    follow: "all",
    timer: timerAt(now, 2.5 * HOUR),
    budget: { tokens: 5_000_000, costUsd: 20, usedShare: 0.46 },
    forecast: handForecastAt(now),
    context: null,
    objectives: null,
    ...over,
  });

/** A checkpoint that an agent's commit suggests. */
export const checkpointOf = (now: number, over: Partial<CheckpointShape> & { id: string }): CheckpointShape => ({
  at: iso(now),
  elapsedMs: 42 * MINUTE,
  phase: "Retry webhooks on 5xx",
  promptCount: null,
  metadata: {},
  suggested: true,
  source: "commit",
  agentSession: "a1",
  ...over,
});

/** An alert that fires since twelve minutes. */
export const alertOf = (now: number, over: Partial<AlertShape> & { id: string }): AlertShape => ({
  rule: "budget-80",
  subject: "h1",
  sessionId: "h1",
  severity: "warning",
  phase: "firing",
  title: "Budget used to four fifths",
  measure: "share",
  level: 0.84,
  threshold: 0.8,
  since: iso(now - 12 * MINUTE),
  firedAt: iso(now - 12 * MINUTE),
  resolvedAt: null,
  acknowledgedAt: null,
  quiet: false,
  deliveries: [],
  ...over,
});

export const alertsAt = (now: number): AlertShape[] => [
  alertOf(now, { id: "al1" }),
  alertOf(now, {
    id: "al2",
    rule: "session-error",
    subject: "c3",
    sessionId: "c3",
    severity: "error",
    title: "Stopped with an error",
    measure: "state",
    level: 1,
    threshold: 1,
    firedAt: iso(now - 2 * MINUTE),
    since: iso(now - 2 * MINUTE),
  }),
  alertOf(now, {
    id: "al3",
    rule: "anomaly",
    sessionId: null,
    phase: "resolved",
    title: "Unusually fast",
    measure: "ratio",
    level: 0.9,
    threshold: 2,
    since: iso(now - 40 * MINUTE),
    firedAt: iso(now - 38 * MINUTE),
    resolvedAt: iso(now - 25 * MINUTE),
  }),
  alertOf(now, {
    id: "al4",
    rule: "waiting",
    sessionId: "a1",
    phase: "pending",
    title: "Waits for you",
    measure: "milliseconds",
    level: 40_000,
    threshold: 2 * MINUTE,
    since: iso(now - 40 * SECOND),
    firedAt: null,
  }),
  alertOf(now, { id: "al5", title: "Context is nearly full", acknowledgedAt: iso(now - MINUTE), sessionId: "a1" }),
];

export const ruleOf = (over: Partial<RuleShape> & { id: string }): RuleShape => ({
  title: "Budget used to four fifths",
  measure: "share",
  rises: true,
  threshold: 0.8,
  clear: 0.75,
  hold: 0,
  cooldown: 30 * MINUTE,
  severity: "warning",
  enabled: true,
  origin: "default",
  ...over,
});

export const helperOf = (now: number, over: Partial<SubagentShape> & { id: string }): SubagentShape => ({
  title: null,
  kind: null,
  model: "claude-sonnet-5",
  status: "running",
  startedAt: iso(now - 12 * MINUTE),
  lastActivityAt: iso(now - 3 * SECOND),
  tokens: tokensOf(900, 6_100, 42_000, 310_000),
  costUsd: 0.88,
  requests: 12,
  context: contextOf(now, 48_000),
  subagents: [],
  ...over,
});

/** An explorer that has sent two others, and a review that is over. */
const helpersAt = (now: number): SubagentShape[] => [
  helperOf(now, {
    id: "explore-71f2",
    title: "Find every place that draws the strip",
    kind: "Explore",
    subagents: [
      helperOf(now, { id: "styles-8a20", title: "Read the styles", kind: "general-purpose", costUsd: 0.12 }),
      helperOf(now, { id: "tests-4417", kind: "Explore", status: "completed", context: null, costUsd: 0.05 }),
    ],
  }),
  helperOf(now, {
    id: "review-0c41",
    title: "Review the layout",
    kind: "code-reviewer",
    status: "completed",
    lastActivityAt: iso(now - 9 * MINUTE),
    context: null,
    costUsd: 0.27,
  }),
];

export function sessionsAt(now: number): SessionShape[] {
  const context = (used: number, level: ContextShape["level"], assumed = false, limit = 200_000) =>
    contextOf(now, used, { limit, level, assumed, limitSource: assumed ? "estimated" : "official" });
  return [
    sessionOf(now, {
      id: "a1",
      status: "waiting",
      state: stateOf(now - 190 * SECOND, { source: "hook", tool: "Bash", target: "npm run", waitingFor: "permission" }),
    }),
    sessionOf(now, {
      id: "b2",
      project: "docs-site",
      branch: "nav",
      title: "Choose a search library",
      status: "waiting",
      state: stateOf(now - 48 * SECOND, { source: "hook", tool: "AskUserQuestion", waitingFor: "question" }),
      objectives: { done: 1, total: 4, current: "Choose a search library" },
      context: context(44_000, "healthy"),
      costUsd: 0.31,
      tokens: tokensOf(800, 3_100, 21_000, 190_000),
      pulse: [0, 0, 0, 0, 0, 4, 9, 20, 8, 2, 0, 0, 0, 3, 1],
    }),
    sessionOf(now, {
      id: "c3",
      project: "moonlock",
      branch: "page",
      title: "Draw the status strip",
      state: stateOf(now - 42 * SECOND, { tool: "Edit", target: "web/src/features/session/strip.tsx" }),
      objectives: { done: 5, total: 6, current: "Draw the status strip" },
      context: context(96_400, "healthy"),
      costUsd: 6.02,
      tokens: tokensOf(9_100, 61_300, 602_000, 7_930_000),
      subagents: helpersAt(now),
      pulse: [30, 42, 38, 51, 60, 44, 58, 61, 70, 55, 62, 48, 66, 72, 69],
    }),
    sessionOf(now, {
      id: "d4",
      project: "infra",
      branch: "tf-upgrade",
      title: "Plan the state migration",
      status: "waiting",
      state: stateOf(now - 6 * MINUTE, { source: "registry", waitingFor: "prompt" }),
      objectives: null,
      context: context(352_000, "healthy", true, 1_000_000),
      costUsd: 1.1,
      unpricedTokens: 2_100,
      pulse: [12, 30, 20, 8, 6, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    }),
    ...["atlas", "notes", "billing-ui"].map((project, i) =>
      sessionOf(now, {
        id: `e${i}`,
        project,
        status: "idle",
        state: stateOf(now - (22 + i * 9) * MINUTE, { certain: false }),
        lastActivityAt: iso(now - (22 + i * 9) * MINUTE),
        objectives: null,
        context: context(31_000 + 20_000 * i, "healthy"),
        pulse: Array<number>(15).fill(0),
      }),
    ),
  ];
}

export const health: HealthShape = {
  status: "healthy",
  version: "0.1.0",
  uptimeMs: 4_812_000,
  simulation: false,
  components: {
    store: { status: "healthy", summary: "41,200 events, 18.2 MB, last write 2 s ago", findings: [] },
    watcher: { status: "healthy", summary: "2 folders watched", findings: [] },
    sources: { status: "healthy", summary: "2,140 files of claude-code", findings: [] },
    hub: { status: "healthy", summary: "1 listener, nothing waits", findings: [] },
  },
};

export const ailing: HealthShape = {
  ...health,
  status: "degraded",
  components: {
    ...health.components,
    sources: {
      status: "degraded",
      summary: "2,140 files of claude-code, 1 damaged line",
      findings: [
        {
          code: "damaged-line",
          message: "Line 812 of 3f1c….jsonl was cut off and could not be repaired.",
          hint: "Nothing to do: the lines around it were counted. `moonlock doctor` shows the place.",
        },
      ],
    },
    prices: {
      status: "degraded",
      summary: "1 model without a price",
      findings: [
        {
          code: "unpriced",
          message: "no-such-model has no price.",
          hint: "Add one to the file that MOONLOCK_PRICES names.",
        },
      ],
    },
  },
};

export function minutesAt(now: number): MinuteShape[] {
  const start = Math.floor(now / MINUTE) * MINUTE;
  return Array.from({ length: 60 }, (_, i) => {
    const wave = Math.max(0, Math.sin(i / 5) + Math.sin(i / 2.3) * 0.6 + (i > 48 ? 0.9 : 0));
    const size = Math.round(wave * 90_000);
    const tokens = tokensOf(
      Math.round(size * 0.02),
      Math.round(size * 0.06),
      Math.round(size * 0.17),
      Math.round(size * 0.75),
    );
    return { at: iso(start - (59 - i) * MINUTE), tokens };
  }).filter((minute) => minute.tokens.total > 0);
}

export const snapshotAt = (now: number, over: Partial<Snapshot> = {}): Snapshot => ({
  at: iso(now),
  seq: 100,
  epoch: "epoch-1",
  version: "0.1.0",
  simulation: false,
  timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  today,
  block: blockAt(now),
  quota: quotaAt(now),
  sessions: sessionsAt(now),
  alerts: [],
  forecast: forecastAt(now),
  minutes: minutesAt(now),
  places: [{ agent: "claude-code", path: "/home/ada/.claude/projects", found: true, files: 2_140 }],
  health,
  progress: null,
  recent: recentAt(now),
  ...over,
});

function recentAt(now: number): Snapshot["recent"] {
  const frame = (seq: number, before: number, sessionId: string) => ({
    seq,
    at: iso(now - before),
    sentAt: iso(now - before + 9),
    sessionId,
  });
  const tool = (
    seq: number,
    before: number,
    id: string,
    name: string,
    took: number | null,
    failed = false,
    target: string | null = null,
  ) => ({
    ...frame(seq, before, id),
    type: "session:tool" as const,
    data: {
      id: `${seq}`,
      tool: name,
      state: took === null ? ("started" as const) : ("ended" as const),
      startedAt: iso(now - before),
      durationMs: took,
      outcome: took === null ? null : failed ? ("failed" as const) : ("ok" as const),
      subagent: null,
      target,
      added: name === "Edit" ? 14 : null,
      removed: name === "Edit" ? 3 : null,
    },
  });
  const objective = (seq: number, before: number, id: string, title: string, done: boolean) => ({
    ...frame(seq, before, id),
    type: "session:objective" as const,
    data: {
      id: `${seq}`,
      title,
      state: done ? ("completed" as const) : ("in_progress" as const),
      source: "TodoWrite",
      objectives: null,
    },
  });
  return [
    tool(81, 420_000, "d4", "Read", 12),
    tool(82, 400_000, "d4", "Grep", 84),
    {
      ...frame(83, 310_000, "d4"),
      type: "session:error" as const,
      data: { kind: "overloaded", status: 529, retrying: true, limit: false, resetsAt: null },
    },
    tool(84, 240_000, "a1", "Edit", 41, false, "src/webhooks/retry.ts"),
    tool(85, 230_000, "c3", "Task", 74_000),
    objective(86, 210_000, "c3", "Parse the status line", true),
    objective(87, 208_000, "c3", "Draw the status strip", false),
    tool(88, 190_000, "a1", "Bash", null),
    tool(89, 130_000, "c3", "Edit", 38, false, "web/src/app/Strip.tsx"),
    tool(90, 112_000, "c3", "Bash", 8_400, true, "npm run"),
    tool(91, 95_000, "c3", "Edit", 35),
    tool(92, 60_000, "b2", "WebFetch", 1_240),
    tool(93, 48_000, "b2", "AskUserQuestion", null),
    tool(94, 42_000, "c3", "Bash", null),
  ];
}

export const helloAt = (now: number, over: Partial<Snapshot> = {}): Hello => {
  const snapshot = snapshotAt(now, over);
  return { type: "hello", protocol: 1, epoch: snapshot.epoch, seq: snapshot.seq, serverTime: iso(now), snapshot };
};

/** What session c3 set out to do. */
export const objectivesAt = (now: number): ObjectiveList => {
  const one = (id: string, title: string, state: "completed" | "in_progress" | "pending", before: number) => ({
    id,
    title,
    state,
    source: "TaskCreate",
    changes: [{ at: iso(now - before), state }],
    inProgressMs: state === "pending" ? 0 : 18 * MINUTE,
    tokens: state === "pending" ? tokensOf(0, 0, 0, 0) : tokensOf(900, 6_100, 42_000, 310_000),
    costUsd: state === "pending" ? 0 : 0.92,
    sharedMs: 0,
    trust: 1,
    subagent: null,
  });
  return {
    objectives: [
      one("o1", "Parse the status line", "completed", 20 * MINUTE),
      one("o2", "Draw the status strip", "in_progress", 2 * MINUTE),
      one("o3", "Write the tests", "pending", 30 * MINUTE),
    ],
    nextCursor: null,
  };
};

const part = { requests: 0, costUsd: 0, share: 0 };

export const hintsAt = (now: number): HintList => ({
  schema: "moonlock.suggestions/1",
  timezone: "UTC",
  since: null,
  until: null,
  spending: {
    costUsd: 120,
    requests: 2_100,
    sessions: 31,
    unpricedTokens: 0,
    rebuilds: [{ cause: "idle", times: 12, rewrittenTokens: 1_900_000, wastedUsd: 9.4 }],
    largeContext: part,
    priceCliffs: part,
    subagents: part,
    models: [],
    prompts: 210,
    costPerPrompt: 0.57,
    commits: 18,
    costPerCommit: 6.67,
    changed: {
      basis: "attributed",
      linesAdded: 9_120,
      linesRemoved: 2_880,
      costPerLine: 0.01,
      filesEdited: 240,
      costPerFile: 0.5,
    },
    tools: { calls: 900, failed: 31, share: 0.034 },
  },
  suggestions: [
    {
      key: "idle-rebuilds",
      title: "Caches grew cold while a session waited",
      advice: "Go on within five minutes, or compact before a longer pause.",
      measure: "wasted",
      costUsd: 9.4,
      share: 0.078,
      times: 12,
      sessions: 2,
      evidence: [
        {
          sessionId: "c3",
          name: null,
          title: "Draw the status strip",
          project: "moonlock",
          times: 9,
          costUsd: 7.1,
          firstAt: iso(now - 50 * HOUR),
          lastAt: iso(now - 2 * HOUR),
        },
        {
          sessionId: "a1",
          name: "Webhooks",
          title: null,
          project: "payments-api",
          times: 3,
          costUsd: 2.3,
          firstAt: iso(now - 3 * HOUR),
          lastAt: iso(now - 3 * HOUR),
        },
      ],
      instead: null,
    },
  ],
  nextCursor: null,
});

export const firstRun: Partial<Snapshot> = {
  quota: null,
  sessions: [],
  block: null,
  forecast: null,
  minutes: [],
  recent: [],
  today: totals(tokensOf(0, 0, 0, 0), 0, 0),
  places: [
    { agent: "claude-code", path: "~/.claude/projects", found: false, files: 0 },
    { agent: "claude-code", path: "~/.config/claude/projects", found: true, files: 0 },
  ],
};

/** A frame of tokens for session `id` of the snapshot. */
export function tokensFrame(now: number, seq: number, session: SessionShape): ServerMessage {
  return {
    type: "session:tokens",
    seq,
    at: iso(now - 20),
    sentAt: iso(now - 12),
    sessionId: session.id,
    data: { session, today, block: blockAt(now), minute: null },
  };
}
