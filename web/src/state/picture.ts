/** What the page knows: a pure function of the messages so far. Nothing here reads a clock or computes a sum. */
import type {
  AlertShape,
  BlockShape,
  ContextUpdate,
  ContextWarning,
  Hello,
  MinuteShape,
  ServerMessage,
  SessionCheckpoint,
  SessionComplete,
  SessionError,
  SessionObjective,
  SessionShape,
  SessionTokens,
  SessionTool,
  Snapshot,
  SubagentShape,
  TodayData,
  TotalsShape,
} from "../api/frames.gen";
import { withAlert } from "./alerts";

export const PROTOCOL = 1;
const KEPT_EVENTS = 50;
const KEPT_MINUTES = 60;
const MINUTE = 60_000;
const ENDED_SHOWN = 15 * MINUTE;

export type Fact = SessionTool | SessionObjective | SessionError | SessionCheckpoint;
export type Turn = { type: "turn"; seq: number; at: string; sessionId: string; status: SessionShape["status"] };
/** One line of the activity list. */
export type Happening = Fact | Turn;

export interface Picture {
  epoch: string;
  seq: number;
  /** The protocol that the server speaks. */
  protocol: number;
  snapshot: Snapshot | null;
  /** Sessions that a person started; those of the snapshot were found in logs. */
  hands: SessionShape[];
  /** What fires, what may soon, and what is over. */
  alerts: AlertShape[];
  /** What was marked and what was suggested since the hello, newest first, at most 50. */
  checkpoints: SessionCheckpoint[];
  /** Newest first, at most 50. */
  happenings: Happening[];
  /** What sessions are called, also those that have left. */
  names: Record<string, string>;
  /** How often the server had to begin anew. */
  resyncs: number;
}

export const BLANK: Picture = {
  epoch: "",
  seq: 0,
  protocol: PROTOCOL,
  snapshot: null,
  hands: [],
  alerts: [],
  checkpoints: [],
  happenings: [],
  names: {},
  resyncs: 0,
};

/** The picture after one message; a frame that is in the picture already gives the same picture. */
export function reduce(picture: Picture, message: ServerMessage): Picture {
  if (message.type === "hello") return begin(picture, message);
  if (message.type === "resync") return { ...picture, resyncs: picture.resyncs + 1 };
  if (message.type === "skip") return message.to > picture.seq ? { ...picture, seq: message.to } : picture;
  if (message.type === "pong" || message.type === "heartbeat" || message.type === "error") return picture;
  const before = picture.snapshot;
  if (before === null || message.seq <= picture.seq) return picture;
  const next = { ...picture, seq: message.seq };
  switch (message.type) {
    case "session:paused":
    case "session:resumed":
      return taken(next, message.data);
    case "session:start":
    case "session:status":
      if (isByHand(message.data)) return taken(next, message.data);
      return placed(turned(next, message.data, message.seq, message.at), before, message.data);
    case "session:complete":
      if (isByHand(message.data)) return taken(next, message.data);
      return left(turned(next, message.data, message.seq, message.at), before, message);
    case "session:tokens":
      return counted(next, before, message);
    case "session:tool":
      return happened(next, message);
    case "session:objective":
      return happened(aimed(next, before, message), message);
    case "session:error":
      return happened(next, message);
    case "session:checkpoint":
      return happened(reached(next, message), message);
    case "alert:raised":
    case "alert:resolved":
      return { ...next, alerts: withAlert(picture.alerts, message.data) };
    case "today:update":
      return { ...next, snapshot: withDay(before, message.data) };
    case "progress:update":
      return { ...next, snapshot: { ...before, progress: message.data } };
    case "forecast:update":
      return { ...next, snapshot: { ...before, forecast: message.data } };
    case "quota:update":
      return { ...next, snapshot: { ...before, quota: message.data } };
    case "context:update":
    case "context:warning":
      return filled(next, before, message);
    case "health:check":
      return { ...next, snapshot: { ...before, health: message.data } };
    default:
      return next; // a newer server's frame: counted, not understood
  }
}

const isByHand = (session: SessionShape): boolean => session.origin === "manual";

/** What is known of a session by hand; one that ended stays until the next hello. */
function taken(picture: Picture, session: SessionShape): Picture {
  const known = picture.hands.some((one) => one.id === session.id);
  const hands = known
    ? picture.hands.map((one) => (one.id === session.id ? session : one))
    : [session, ...picture.hands];
  return { ...picture, hands, names: named(picture.names, session) };
}

export const nameOf = (session: SessionShape): string => session.name ?? session.project;

const named = (names: Picture["names"], session: SessionShape): Picture["names"] =>
  names[session.id] === nameOf(session) ? names : { ...names, [session.id]: nameOf(session) };

function begin(picture: Picture, hello: Hello): Picture {
  const known = picture.epoch === hello.epoch ? picture.happenings : [];
  const turns = known.filter((one) => one.type === "turn"); // the newest facts are all in the hello
  const happenings = [...hello.snapshot.recent, ...turns].sort(newestFirst);
  const names = { ...picture.names };
  const sessions = hello.snapshot.sessions.filter((session) => !isByHand(session));
  for (const session of hello.snapshot.sessions) names[session.id] = nameOf(session);
  return {
    ...picture,
    epoch: hello.epoch,
    seq: hello.seq,
    protocol: hello.protocol,
    resyncs: picture.resyncs + (picture.epoch !== "" && picture.epoch !== hello.epoch ? 1 : 0),
    snapshot: { ...hello.snapshot, sessions },
    hands: hello.snapshot.sessions.filter(isByHand),
    alerts: hello.snapshot.alerts,
    checkpoints: [],
    happenings: happenings.slice(0, KEPT_EVENTS),
    names,
  };
}

function placed(picture: Picture, before: Snapshot, session: SessionShape): Picture {
  const known = before.sessions.some((one) => one.id === session.id);
  const sessions = known
    ? before.sessions.map((one) => (one.id === session.id ? session : one))
    : [session, ...before.sessions];
  return { ...picture, names: named(picture.names, session), snapshot: { ...before, sessions } };
}

/** A session that ended stays for a quarter of an hour; the last one stays alone, as in a hello. */
function left(picture: Picture, before: Snapshot, { at, data }: SessionComplete): Picture {
  const after = placed(picture, before, data);
  const ended = Date.parse(data.endedAt ?? data.lastActivityAt ?? at);
  const others = before.sessions.filter((one) => one.id !== data.id);
  if (others.length === 0 || Date.parse(at) - ended < ENDED_SHOWN) return after;
  return { ...after, snapshot: { ...before, sessions: others } };
}

const reached = (picture: Picture, frame: SessionCheckpoint): Picture => ({
  ...picture,
  checkpoints: [frame, ...picture.checkpoints].slice(0, KEPT_EVENTS),
});

function counted(picture: Picture, before: Snapshot, frame: SessionTokens): Picture {
  const { session, minute } = frame.data;
  const usage: { today: TotalsShape; block: BlockShape | null } = { today: frame.data.today, block: frame.data.block };
  const minutes = minute === null ? before.minutes : withMinutes(before.minutes, [minute]);
  const after = { ...before, ...usage, minutes };
  return isByHand(session) ? taken({ ...picture, snapshot: after }, session) : placed(picture, after, session);
}

const withDay = (before: Snapshot, { today, block, minutes }: TodayData): Snapshot => ({
  ...before,
  today,
  block,
  minutes: minutes.length > 0 ? withMinutes(before.minutes, minutes) : before.minutes,
});

/** The newest word about a minute holds; minutes before the last hour leave. */
function withMinutes(known: MinuteShape[], told: readonly MinuteShape[]): MinuteShape[] {
  const renewed = new Set(told.map((minute) => minute.at));
  const merged = [...known.filter((one) => !renewed.has(one.at)), ...told].sort((a, b) => a.at.localeCompare(b.at));
  const newest = Date.parse(merged.at(-1)?.at ?? "");
  return merged.filter((one) => Date.parse(one.at) > newest - KEPT_MINUTES * MINUTE);
}

/** How full a context is, of the session itself or of one of its subagents. */
function filled(picture: Picture, before: Snapshot, { sessionId, data }: ContextUpdate | ContextWarning): Picture {
  const session = before.sessions.find((one) => one.id === sessionId);
  if (!session) return picture;
  const { subagent, context } = data;
  if (subagent === null) return placed(picture, before, { ...session, context });
  const within = (all: SubagentShape[]): SubagentShape[] =>
    all.map((one) => ({ ...one, subagents: within(one.subagents), ...(one.id === subagent ? { context } : {}) }));
  return placed(picture, before, { ...session, subagents: within(session.subagents) });
}

function aimed(picture: Picture, before: Snapshot, frame: SessionObjective): Picture {
  const session = before.sessions.find((one) => one.id === frame.sessionId);
  return session ? placed(picture, before, { ...session, objectives: frame.data.objectives }) : picture;
}

function turned(picture: Picture, session: SessionShape, seq: number, at: string): Picture {
  const was = picture.snapshot?.sessions.find((one) => one.id === session.id)?.status;
  if (was === session.status) return picture;
  return happened(picture, { type: "turn", seq, at, sessionId: session.id, status: session.status });
}

/** By their own times: history that was read late tells of old ones in new frames. */
const newestFirst = (a: Happening, b: Happening): number => b.at.localeCompare(a.at) || b.seq - a.seq;

/** A tool call is one line: its end replaces its start. */
function happened(picture: Picture, happening: Happening): Picture {
  const rest =
    happening.type === "session:tool"
      ? picture.happenings.filter((one) => one.type !== "session:tool" || one.data.id !== happening.data.id)
      : picture.happenings;
  const place = rest.findIndex((one) => newestFirst(happening, one) <= 0);
  const happenings = place < 0 ? [...rest, happening] : rest.toSpliced(place, 0, happening);
  return { ...picture, happenings: happenings.slice(0, KEPT_EVENTS) };
}
