import type { SessionShape } from "../../api/frames.gen";
import type { Tone } from "../../lib/tone";

export type Glyph =
  | "hand"
  | "question"
  | "octagon"
  | "triangle"
  | "turn"
  | "play"
  | "pause"
  | "shrink"
  | "moon"
  | "square";

export interface StatusWords {
  word: string;
  tone: Tone;
  glyph: Glyph;
  /** What needs somebody comes first (page.md §4.6). */
  rank: number;
}

const QUESTIONS = new Set(["AskUserQuestion", "ExitPlanMode"]);
const UNSURE_AFTER = 5 * 60_000;

const WORDS: Record<SessionShape["status"], StatusWords> = {
  waiting: { word: "Your turn", tone: "info", glyph: "turn", rank: 3 },
  limited: { word: "Limit reached", tone: "danger", glyph: "octagon", rank: 2 },
  error: { word: "Error", tone: "danger", glyph: "triangle", rank: 2 },
  running: { word: "Running", tone: "ok", glyph: "play", rank: 4 },
  compacting: { word: "Compacting", tone: "ok", glyph: "shrink", rank: 4 },
  paused: { word: "Paused", tone: "idle", glyph: "pause", rank: 5 },
  idle: { word: "Idle", tone: "idle", glyph: "moon", rank: 5 },
  completed: { word: "Ended", tone: "idle", glyph: "square", rank: 6 },
};
const QUESTION: StatusWords = { word: "Has a question", tone: "you", glyph: "question", rank: 1 };
const APPROVAL: StatusWords = { word: "Needs approval", tone: "you", glyph: "hand", rank: 1 };

const WAITING = { permission: APPROVAL, question: QUESTION, prompt: WORDS.waiting } as const;

/** A status in a word, a tone and a glyph. Where nobody says what it waits for, the tool that is open tells. */
export function wordsOf({ status, state }: Pick<SessionShape, "status" | "state">): StatusWords {
  if (status !== "waiting") return WORDS[status] ?? WORDS.idle;
  if (state.waitingFor !== null && state.waitingFor in WAITING) return WAITING[state.waitingFor];
  if (state.tool === null) return WORDS.waiting;
  return QUESTIONS.has(state.tool) ? QUESTION : APPROVAL;
}

export const wordsOfStatus = (status: SessionShape["status"]): StatusWords => WORDS[status] ?? WORDS.idle;

export const isLive = (session: SessionShape): boolean => session.status !== "completed";

/** What only a log can tell is no longer sure after five minutes. */
export const isUnsure = (session: SessionShape, now: number): boolean =>
  !session.state.certain && session.state.since !== null && now - Date.parse(session.state.since) > UNSURE_AFTER;

const SOURCES = {
  log: "told from the log",
  registry: "told by the agent's registry",
  hook: "told by a hook",
  person: "told by a person",
} as const;

export const sourceWords = (session: SessionShape): string => SOURCES[session.state.source] ?? "";

/** `1 need you · 1 running · 2 your turn · 3 idle`; what there is none of is left out. */
export function summary(sessions: readonly SessionShape[]): { text: string; rank: number }[] {
  const count = (rank: number) => sessions.filter((session) => wordsOf(session).rank === rank).length;
  const [you, trouble, turn, running, idle] = [count(1), count(2), count(3), count(4), count(5)];
  return [
    { text: `${you} need${you === 1 ? "s" : ""} you`, rank: 1, n: you },
    { text: `${trouble} stopped`, rank: 2, n: trouble },
    { text: `${running} running`, rank: 4, n: running },
    { text: `${turn} your turn`, rank: 3, n: turn },
    { text: `${idle} idle`, rank: 5, n: idle },
  ].filter(({ n }) => n > 0);
}
