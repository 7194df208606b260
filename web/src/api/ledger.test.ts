import { expect, test } from "vitest";
import { helloAt, sessionsAt, tokensFrame } from "../testing/sample";
import type { Heartbeat, ServerMessage } from "./frames.gen";
import { giveUp, type Ledger, take, UNREAD } from "./ledger";

const NOW = 1_763_600_000_000;
const session = sessionsAt(NOW)[0] ?? expect.fail();
const hello = (seq: number, epoch = "epoch-1") => ({ ...helloAt(NOW), seq, epoch });
const frame = (seq: number) => tokensFrame(NOW, seq, session);
const begun = take(UNREAD, hello(10)).ledger;
const asking: Ledger = { ...begun, asked: true };

function run(ledger: Ledger, messages: ServerMessage[]) {
  const applied: (number | string)[] = [];
  let asked = 0;
  let now = ledger;
  for (const message of messages) {
    const verdict = take(now, message);
    now = verdict.ledger;
    asked += verdict.ask ? 1 : 0;
    for (const one of verdict.apply) applied.push("seq" in one && one.type !== "hello" ? one.seq : one.type);
  }
  return { applied, asked, ledger: now };
}

test("frames in order are applied once each", () => {
  expect(run(begun, [frame(11), frame(12), frame(12), frame(11), frame(13)]).applied).toEqual([11, 12, 13]);
});

test("a frame before any hello is dropped", () => {
  expect(run(UNREAD, [frame(1)]).applied).toEqual([]);
});

test("a gap asks once for what is missing, and nothing is applied before it came", () => {
  const { applied, asked, ledger } = run(begun, [frame(11), frame(14), frame(15), frame(12), frame(13), frame(14)]);
  expect(applied).toEqual([11, 12, 13, 14]);
  expect(asked).toBe(1);
  expect(ledger.asked).toBe(false);
});

test("a skip tells that nothing was missed", () => {
  const { applied, asked } = run(begun, [{ type: "skip", to: 19 }, frame(20)]);
  expect(applied).toEqual(["skip", 20]);
  expect(asked).toBe(0);
});

test("a skip while frames are missing does not jump over them", () => {
  expect(run(begun, [frame(13), { type: "skip", to: 20 }, frame(11)]).applied).toEqual([11]);
});

test("a heartbeat that is ahead shows that something is missing", () => {
  const beat: Heartbeat = { type: "heartbeat", seq: 12, serverTime: new Date(NOW).toISOString() };
  expect(run(begun, [beat]).asked).toBe(1);
  expect(run(begun, [{ ...beat, seq: 10 }]).asked).toBe(0);
});

test("after a reconnection the missed frames come instead of the greeting", () => {
  const { applied, ledger } = run(asking, [hello(13), frame(11), frame(12), frame(13), frame(14)]);
  expect(applied).toEqual([11, 12, 13, 14]);
  expect(ledger.greeting).toBeNull();
});

test("a greeting with the seq that is known means that nothing was missed", () => {
  const { applied, ledger } = run(asking, [hello(10), frame(11)]);
  expect(applied).toEqual([11]);
  expect(ledger.asked).toBe(false);
});

test("a resync forgets, and the hello after it begins anew", () => {
  const { applied, ledger } = run(asking, [hello(40), { type: "resync", reason: "too old" }, frame(41), hello(42)]);
  expect(applied).toEqual(["resync", "hello"]);
  expect(ledger.seq).toBe(42);
});

test("another epoch begins anew at once", () => {
  expect(run(asking, [hello(3, "epoch-2"), frame(4)]).applied).toEqual(["hello", 4]);
});

test("when resume is not answered, the greeting holds", () => {
  const { ledger } = run(asking, [hello(13)]);
  expect(giveUp(ledger)?.apply.map((one) => one.type)).toEqual(["hello"]);
  expect(giveUp(asking)).toBeNull();
});
