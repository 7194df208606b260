import { expect, test } from "vitest";
import type { SessionShape } from "../../api/frames.gen";
import { sessionOf, sessionsAt, stateOf } from "../../testing/sample";
import { arranged, kept, moved } from "./order";
import { summary, wordsOf } from "./status";

const NOW = 1_763_600_000_000;
const ids = (sessions: { id: string }[]) => sessions.map((session) => session.id);

test("who needs somebody comes first, then who waited longest, then the freshest", () => {
  expect(ids(arranged([...sessionsAt(NOW)].reverse(), NOW))).toEqual(["a1", "b2", "d4", "c3", "e0", "e1", "e2"]);
});

test("two busy sessions do not change places at every frame", () => {
  const pair = (a: number, b: number) => [
    sessionOf(NOW, { id: "a", lastActivityAt: new Date(NOW - a).toISOString() }),
    sessionOf(NOW, { id: "b", lastActivityAt: new Date(NOW - b).toISOString() }),
  ];
  expect(ids(arranged(pair(1_000, 2_000), NOW))).toEqual(ids(arranged(pair(2_000, 1_000), NOW)));
});

test("a session that ended stays for a quarter of an hour", () => {
  const ended = (ago: number) =>
    sessionOf(NOW, { id: "z", status: "completed", endedAt: new Date(NOW - ago).toISOString() });
  expect(arranged([ended(14 * 60_000)], NOW)).toHaveLength(1);
  expect(arranged([ended(15 * 60_000)], NOW)).toHaveLength(0);
});

test("while somebody points at the list the known keep their places and the new come last", () => {
  expect(kept(["a", "b", "c"], ["d", "c", "a"])).toEqual(["a", "c", "d"]);
  expect(moved(["a", "c", "d"], ["d", "c", "a"])).toBe(2);
  expect(moved(["a"], ["a"])).toBe(0);
});

const waiting = (over: Partial<SessionShape["state"]>) =>
  wordsOf(sessionOf(NOW, { id: "w", status: "waiting", state: stateOf(NOW, over) })).word;

test("a session that waits on a tool needs an approval or has a question", () => {
  expect(waiting({ tool: "Bash" })).toBe("Needs approval");
  expect(waiting({ tool: "ExitPlanMode" })).toBe("Has a question");
  expect(waiting({})).toBe("Your turn");
});

test("what a hook or the registry says it waits for goes before what its tool looks like", () => {
  expect(waiting({ tool: "Bash", waitingFor: "question" })).toBe("Has a question");
  expect(waiting({ waitingFor: "permission" })).toBe("Needs approval");
  expect(waiting({ tool: "Bash", waitingFor: "prompt" })).toBe("Your turn");
  expect(waiting({ tool: "Bash", waitingFor: "newer" as never })).toBe("Needs approval");
});

test("the summary names what there is", () => {
  expect(summary(sessionsAt(NOW)).map(({ text }) => text)).toEqual([
    "2 need you",
    "1 running",
    "1 your turn",
    "3 idle",
  ]);
});
