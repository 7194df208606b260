import { expect, test } from "vitest";
import type { ServerMessage, SessionTool } from "../api/frames.gen";
import {
  blockAt,
  contextOf,
  estimatedQuotaAt,
  handOf,
  helloAt,
  iso,
  sessionOf,
  sessionsAt,
  today,
  tokensFrame,
  tokensOf,
} from "../testing/sample";
import { BLANK, type Picture, reduce } from "./picture";

const NOW = 1_763_600_000_000;
const session = sessionsAt(NOW)[0] ?? expect.fail();
const begun = reduce(BLANK, helloAt(NOW, { recent: [] }));
const base = { at: iso(NOW), sentAt: iso(NOW) };
const all = (messages: ServerMessage[], from: Picture = begun) => messages.reduce(reduce, from);

const tool = (seq: number, id: string, state: "started" | "ended"): SessionTool => ({
  ...base,
  type: "session:tool",
  seq,
  sessionId: session.id,
  data: {
    id,
    tool: "Bash",
    state,
    startedAt: iso(NOW),
    durationMs: null,
    outcome: null,
    subagent: null,
    target: null,
    added: null,
    removed: null,
  },
});

test("a hello begins the picture", () => {
  expect(begun.seq).toBe(100);
  expect(begun.snapshot?.sessions).toHaveLength(7);
});

test("a frame that is in the picture already changes nothing", () => {
  const once = reduce(begun, tokensFrame(NOW, 101, { ...session, costUsd: 3 }));
  expect(reduce(once, tokensFrame(NOW, 101, { ...session, costUsd: 9 }))).toBe(once);
});

test("tokens replace totals and only their own session", () => {
  const after = reduce(begun, tokensFrame(NOW, 101, { ...session, costUsd: 3 }));
  const [first, second] = after.snapshot?.sessions ?? [];
  expect(first?.costUsd).toBe(3);
  expect(second).toBe(begun.snapshot?.sessions[1]);
});

test("limits replace what was known of them", () => {
  const quota = estimatedQuotaAt(NOW);
  const after = all([{ ...base, type: "quota:update", seq: 101, data: quota }]);
  expect(after.snapshot?.quota).toBe(quota);
});

test("a context replaces that of its session, or of its subagent alone", () => {
  const context = contextOf(NOW, 12_345);
  const of = (id: string, subagent: string | null, type: "context:update" | "context:warning") =>
    all([{ ...base, type, seq: 101, sessionId: id, data: { subagent, context } }]).snapshot?.sessions ?? [];
  expect(of("a1", null, "context:warning").find(({ id }) => id === "a1")?.context).toBe(context);
  const [first, second] = of("c3", "explore-71f2", "context:update").find(({ id }) => id === "c3")?.subagents ?? [];
  expect([first?.context?.used, first?.subagents[0]?.context?.used, second?.context]).toEqual([12_345, 48_000, null]);
  const [above] = of("c3", "styles-8a20", "context:update").find(({ id }) => id === "c3")?.subagents ?? [];
  expect([above?.context?.used, above?.subagents[0]?.context?.used]).toEqual([48_000, 12_345]);
  expect(of("nobody", null, "context:update").map(({ context }) => context?.used)).not.toContain(12_345);
});

test("a session that begins is added, and its status is told", () => {
  const fresh = sessionOf(NOW, { id: "new" });
  const after = all([{ ...base, type: "session:start", seq: 101, sessionId: "new", data: fresh }]);
  expect(after.snapshot?.sessions).toHaveLength(8);
  expect(after.happenings[0]).toMatchObject({ type: "turn", status: "running" });
});

test("the end of a tool call replaces its start", () => {
  const after = all([tool(101, "x", "started"), tool(102, "y", "started"), tool(103, "x", "ended")]);
  expect(after.happenings.map((one) => one.seq)).toEqual([103, 102]);
});

test("fifty events are kept, the newest first", () => {
  const after = all(Array.from({ length: 80 }, (_, i) => tool(101 + i, `${i}`, "ended")));
  expect(after.happenings).toHaveLength(50);
  expect(after.happenings[0]?.seq).toBe(180);
});

test("minutes are replaced by their newest word, and leave after an hour", () => {
  const minute = (at: number, input: number, seq: number): ServerMessage => ({
    ...base,
    type: "session:tokens",
    seq,
    sessionId: session.id,
    data: { session, today, block: blockAt(NOW), minute: { at: iso(at), tokens: tokensOf(input, 0, 0, 0) } },
  });
  const start = reduce(BLANK, helloAt(NOW, { minutes: [] }));
  const after = all([minute(NOW, 1, 101), minute(NOW, 5, 102), minute(NOW + 3_600_000, 7, 103)], start);
  expect(after.snapshot?.minutes.map((one) => one.tokens.input)).toEqual([7]);
});

const completed = (seq: number, id: string, quiet: number): ServerMessage => {
  const lastActivityAt = iso(NOW - quiet);
  const data = sessionOf(NOW, { id, status: "completed", lastActivityAt, endedAt: lastActivityAt });
  return { ...base, type: "session:complete", seq, sessionId: id, data };
};

test("a session that ended an hour ago leaves, one that ended just now stays for a while", () => {
  const after = all([completed(101, "a1", 3_600_000), completed(102, "b2", 1_000)]);
  expect(after.snapshot?.sessions.map(({ id }) => id)).toEqual(["b2", "c3", "d4", "e0", "e1", "e2"]);
  expect(after.names.a1).toBe("payments-api");
});

test("the last session that ends stays alone, and one that wakes up is there again", () => {
  const start = reduce(BLANK, helloAt(NOW, { sessions: [session], recent: [] }));
  const alone = all([completed(101, session.id, 3_600_000)], start);
  expect(alone.snapshot?.sessions.map(({ id, status }) => [id, status])).toEqual([[session.id, "completed"]]);
  const woken = all([
    completed(101, "c3", 3_600_000),
    { ...base, type: "session:start", seq: 102, sessionId: "c3", data: sessionOf(NOW, { id: "c3" }) },
  ]);
  expect(woken.snapshot?.sessions.map(({ id }) => id)).toContain("c3");
});

test("what a hello tells of the past stands beside the turns that are known, and nothing twice", () => {
  const heard = all([
    tool(101, "x", "ended"),
    { ...base, type: "session:start", seq: 102, sessionId: "new", data: sessionOf(NOW, { id: "new" }) },
  ]);
  const again = reduce(heard, helloAt(NOW, { seq: 103, recent: [tool(101, "x", "ended"), tool(103, "y", "ended")] }));
  expect(again.happenings.map(({ seq, type }) => [seq, type])).toEqual([
    [103, "session:tool"],
    [102, "turn"],
    [101, "session:tool"],
  ]);
});

test("facts of history that was read late take their place in time", () => {
  const late = { ...tool(102, "y", "ended"), at: iso(NOW - 60_000) };
  const after = all([tool(101, "x", "ended"), late, tool(103, "z", "ended")]);
  expect(after.happenings.map(({ seq }) => seq)).toEqual([103, 101, 102]);
});

test("a skip moves on without a change of what is shown", () => {
  const after = reduce(begun, { type: "skip", to: 140 });
  expect(after.seq).toBe(140);
  expect(after.snapshot).toBe(begun.snapshot);
});

test("a resync keeps what is shown until the new hello", () => {
  const after = reduce(begun, { type: "resync", reason: "gone" });
  expect(after.snapshot).toBe(begun.snapshot);
  expect(after.resyncs).toBe(1);
});

test("a hello of another epoch forgets the old events", () => {
  const old = all([tool(101, "x", "ended")]);
  const hello = { ...helloAt(NOW, { epoch: "epoch-2", recent: [] }) };
  expect(reduce(old, hello).happenings).toEqual([]);
});

test("a frame of a newer server is counted and otherwise left alone", () => {
  const after = reduce(begun, { ...base, type: "session:future", seq: 101, data: {} } as unknown as ServerMessage);
  expect(after.seq).toBe(101);
  expect(after.snapshot).toBe(begun.snapshot);
});

test("minutes of history that was read late join the known ones", () => {
  const late = { at: iso(NOW - 1_800_000), tokens: tokensOf(5, 0, 0, 0) };
  const known = { at: iso(NOW), tokens: tokensOf(1, 0, 0, 0) };
  const start = reduce(BLANK, helloAt(NOW, { minutes: [known] }));
  const frame: ServerMessage = {
    ...base,
    type: "today:update",
    seq: 101,
    data: { today, block: null, minutes: [late] },
  };
  expect(all([frame], start).snapshot?.minutes).toEqual([late, known]);
});

test("day, progress and health are replaced", () => {
  const after = all([
    { ...base, type: "today:update", seq: 101, data: { today: { ...today, costUsd: 1 }, block: null, minutes: [] } },
    { ...base, type: "progress:update", seq: 102, data: { files: 2, filesDone: 1, bytes: 2, bytesDone: 1 } },
  ]);
  expect(after.snapshot?.today.costUsd).toBe(1);
  expect(after.snapshot?.block).toBeNull();
  expect(after.snapshot?.progress?.files).toBe(2);
});

test("sessions by hand stand apart: they come, pause, gather, end, and no lane knows of them", () => {
  const hand = handOf(NOW, { id: "h1" });
  const begun = reduce(BLANK, helloAt(NOW, { sessions: [...sessionsAt(NOW), hand] }));
  const lanes = begun.snapshot?.sessions.length;
  expect(begun.hands.map(({ id }) => id)).toEqual(["h1"]);
  expect(begun.snapshot?.sessions.every(({ origin }) => origin === "observed")).toBe(true);
  const frame = { at: iso(NOW), sentAt: iso(NOW), sessionId: "h1" };
  let picture = reduce(begun, { ...frame, seq: 101, type: "session:paused", data: { ...hand, status: "paused" } });
  expect(picture.hands[0]?.status).toBe("paused");
  picture = reduce(picture, { ...frame, seq: 102, type: "session:resumed", data: hand });
  picture = reduce(picture, tokensFrame(NOW, 103, { ...hand, requests: 99 }));
  expect(picture.hands[0]?.requests).toBe(99);
  picture = reduce(picture, { ...frame, seq: 104, type: "session:start", data: handOf(NOW, { id: "h2" }) });
  picture = reduce(picture, { ...frame, seq: 105, type: "session:complete", data: { ...hand, status: "completed" } });
  expect(picture.hands.map(({ id, status }) => [id, status])).toEqual([
    ["h2", "running"],
    ["h1", "completed"],
  ]);
  expect(picture.snapshot?.sessions.length).toBe(lanes);
  expect(picture.happenings).toEqual(begun.happenings);
});
