import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { helloAt, iso, sessionsAt, tokensFrame } from "../testing/sample";
import type { ServerMessage } from "./frames.gen";
import { backoff, OFFLINE_AFTER, SILENCE, Socket } from "./socket";
import type { Link } from "./transport";

class Wire {
  static all: Wire[] = [];
  static readonly OPEN = 1;
  readyState = 0;
  sent: { type: string; seq?: number; t?: number }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly url: string) {
    Wire.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  say(said: ServerMessage | ServerMessage[]) {
    this.onmessage?.({ data: JSON.stringify(said) });
  }
  end(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

const NOW = 1_763_600_000_000;
const session = sessionsAt(NOW)[0] ?? expect.fail();
const newest = () => Wire.all.at(-1) ?? expect.fail();
const resumes = (wire: Wire) => wire.sent.filter((one) => one.type === "resume").map((one) => one.seq);

let heard: ServerMessage[];
let links: Link[];
let slow: number;
let socket: Socket;
let refusal: Link["refusal"];

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  vi.stubGlobal("WebSocket", Wire);
  Wire.all = [];
  [heard, links, slow, refusal] = [[], [], 0, null];
  socket = new Socket(
    "ws://here/ws",
    async () => refusal,
    () => 1,
  );
  socket.start({
    message: (message) => heard.push(message),
    link: (link) => links.push(link),
    tooSlow: () => {
      slow += 1;
    },
  });
});

afterEach(() => {
  socket.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const seqs = () => heard.flatMap((one) => ("sentAt" in one ? [one.seq] : []));
const state = () => links.at(-1)?.state;

function begin() {
  newest().open();
  newest().say(helloAt(NOW));
}

test("hello makes the link live, and an array is heard in order", () => {
  begin();
  newest().say([tokensFrame(NOW, 101, session), tokensFrame(NOW, 102, session)]);
  expect(state()).toBe("live");
  expect(seqs()).toEqual([101, 102]);
});

test("waits grow from half a second to fifteen, with full jitter", () => {
  expect([0, 1, 2, 3, 4, 5, 9].map((n) => backoff(n, () => 1))).toEqual([500, 1000, 2000, 4000, 8000, 15000, 15000]);
  expect(backoff(3, () => 0)).toBe(0);
  for (let n = 0; n < 6; n++) {
    newest().end();
    const tried = Wire.all.length;
    vi.advanceTimersByTime(backoff(n, () => 1) - 1);
    expect(Wire.all.length).toBe(tried);
    vi.advanceTimersByTime(1);
    expect(Wire.all.length).toBe(tried + 1);
  }
});

test("a renewed connection resumes, and no frame is lost or doubled", () => {
  begin();
  newest().say(tokensFrame(NOW, 101, session));
  newest().end();
  expect(state()).toBe("reconnecting");
  vi.advanceTimersByTime(500);
  newest().open();
  expect(resumes(newest())).toEqual([101]);
  newest().say({ ...helloAt(NOW), seq: 103 });
  newest().say([tokensFrame(NOW, 102, session), tokensFrame(NOW, 103, session)]);
  newest().say(tokensFrame(NOW, 104, session));
  expect(seqs()).toEqual([101, 102, 103, 104]);
  expect(heard.filter((one) => one.type === "hello")).toHaveLength(1);
  expect(state()).toBe("live");
});

test("a gap asks for the missing frames on the same connection", () => {
  begin();
  newest().say(tokensFrame(NOW, 104, session));
  expect(resumes(newest())).toEqual([100]);
  newest().say([101, 102, 103, 104].map((seq) => tokensFrame(NOW, seq, session)));
  expect(seqs()).toEqual([101, 102, 103, 104]);
});

test("when resume is not answered the connection is made anew and begins with its hello", () => {
  begin();
  newest().say(tokensFrame(NOW, 104, session));
  vi.advanceTimersByTime(3_000 + 500);
  expect(Wire.all).toHaveLength(2);
  newest().open();
  newest().say({ ...helloAt(NOW), seq: 104 });
  expect(heard.filter((one) => one.type === "hello")).toHaveLength(2);
});

test("75 seconds of silence mean that the connection is dead", () => {
  begin();
  vi.advanceTimersByTime(SILENCE - 1_000);
  newest().say({ type: "heartbeat", seq: 100, serverTime: iso(NOW) });
  vi.advanceTimersByTime(SILENCE - 1);
  expect(Wire.all).toHaveLength(1);
  vi.advanceTimersByTime(2 + 500);
  expect(Wire.all).toHaveLength(2);
});

test("after half a minute without an answer the link is offline", () => {
  begin();
  newest().end();
  vi.advanceTimersByTime(OFFLINE_AFTER - 1);
  expect(state()).toBe("reconnecting");
  vi.advanceTimersByTime(1);
  expect(state()).toBe("offline");
});

test("a network that comes back is tried at once", () => {
  begin();
  newest().end();
  const tried = Wire.all.length;
  dispatchEvent(new Event("online"));
  expect(Wire.all).toHaveLength(tried + 1);
});

test("the offset of the clock is the median of five round trips", () => {
  begin();
  for (const ahead of [5_000, 5_000, 90_000, 5_000, 5_000]) {
    newest().say({ type: "pong", t: Date.now(), serverTime: iso(Date.now() + ahead) });
  }
  expect(links.at(-1)?.offset).toBe(5_000);
  expect(newest().sent.filter((one) => one.type === "ping").length).toBeGreaterThanOrEqual(0);
});

test("a client that was too slow is told", () => {
  begin();
  newest().end(4008);
  expect(slow).toBe(1);
});

test("who is not let in learns why", async () => {
  refusal = { message: "no", hint: "token" };
  newest().end();
  await vi.advanceTimersByTimeAsync(0);
  expect(state()).toBe("refused");
  expect(links.at(-1)?.refusal?.hint).toBe("token");
});

test("twenty cuts during a thousand frames lose and double nothing", () => {
  begin();
  let sent = 100;
  let received = 100;
  for (let i = 0; i < 1_000; i++) {
    sent += 1;
    if (i % 50 === 25) {
      newest().end();
      vi.advanceTimersByTime(15_000);
      newest().open();
      const from = resumes(newest()).at(-1) ?? 0;
      newest().say({ ...helloAt(NOW), seq: sent });
      for (let seq = from; seq <= sent; seq++) newest().say(tokensFrame(NOW, seq, session));
    } else if (i % 7 !== 3) {
      newest().say(tokensFrame(NOW, sent, session));
      const asked = resumes(newest()).at(-1);
      if (asked !== undefined) for (let seq = asked; seq <= sent; seq++) newest().say(tokensFrame(NOW, seq, session));
    }
    received = seqs().at(-1) ?? received;
  }
  expect(received).toBe(sent);
  expect(seqs()).toEqual(Array.from({ length: 1_000 }, (_, i) => 101 + i));
});
