/**
 * Proves that no update is lost or doubled. A message in order is to be applied; one that is known already is dropped;
 * one too far ahead means that something is missing, so the server is asked to `resume` and all is dropped until then.
 */
import type { Hello, ServerMessage } from "./frames.gen";

export interface Ledger {
  epoch: string;
  seq: number;
  /** The server was asked for what is missing and has not answered yet. */
  asked: boolean;
  /** The greeting of a renewed connection: needed only if the missed frames do not come. */
  greeting: Hello | null;
}

export interface Verdict {
  ledger: Ledger;
  apply: ServerMessage[];
  /** True when `resume` must be sent now. */
  ask: boolean;
}

export const UNREAD: Ledger = { epoch: "", seq: 0, asked: false, greeting: null };

const begin = (hello: Hello): Verdict => ({
  ledger: { epoch: hello.epoch, seq: hello.seq, asked: false, greeting: null },
  apply: [hello],
  ask: false,
});

export function take(ledger: Ledger, message: ServerMessage): Verdict {
  switch (message.type) {
    case "hello":
      return greeted(ledger, message);
    case "resync":
      return { ledger: UNREAD, apply: [message], ask: false };
    case "skip":
      if (ledger.asked || message.to <= ledger.seq) return { ledger, apply: [], ask: false };
      return { ledger: { ...ledger, seq: message.to }, apply: [message], ask: false };
    case "heartbeat":
      return ledger.epoch !== "" && message.seq > ledger.seq
        ? missing(ledger)
        : { ledger, apply: [message], ask: false };
    case "pong":
    case "error":
      return { ledger, apply: [message], ask: false };
    default:
      return numbered(ledger, message);
  }
}

/** The missed frames did not come in time: what the greeting said holds; without one, only a new connection helps. */
export function giveUp(ledger: Ledger): Verdict | null {
  return ledger.greeting === null ? null : begin(ledger.greeting);
}

function greeted(ledger: Ledger, hello: Hello): Verdict {
  const known = ledger.asked && hello.epoch === ledger.epoch && hello.seq >= ledger.seq;
  if (!known) return begin(hello);
  if (hello.seq === ledger.seq) return { ledger: { ...ledger, asked: false, greeting: null }, apply: [], ask: false };
  return { ledger: { ...ledger, greeting: hello }, apply: [], ask: false };
}

function numbered(ledger: Ledger, frame: ServerMessage): Verdict {
  const seq = (frame as { seq?: unknown }).seq;
  if (ledger.epoch === "" || typeof seq !== "number" || seq <= ledger.seq) return { ledger, apply: [], ask: false };
  if (seq > ledger.seq + 1) return missing(ledger);
  const greeting = ledger.greeting !== null && ledger.greeting.seq > seq ? ledger.greeting : null;
  return { ledger: { ...ledger, seq, asked: false, greeting }, apply: [frame], ask: false };
}

function missing(ledger: Ledger): Verdict {
  return { ledger: { ...ledger, asked: true }, apply: [], ask: !ledger.asked };
}
