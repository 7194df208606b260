/** A transport that tests and the gallery drive by hand; it goes through the same ledger as the real one. */
import type { ServerMessage } from "./frames.gen";
import { type Ledger, take, UNREAD } from "./ledger";
import { APART, type Link, type Listener, type Transport } from "./transport";

export class Fake implements Transport {
  retries = 0;
  asked = 0;
  private listener: Listener | undefined;
  private ledger: Ledger = UNREAD;

  start(listener: Listener): void {
    this.listener = listener;
  }

  stop(): void {
    this.listener = undefined;
  }

  retry(): void {
    this.retries += 1;
  }

  say(...messages: ServerMessage[]): void {
    for (const message of messages) {
      const verdict = take(this.ledger, message);
      this.ledger = verdict.ledger;
      if (verdict.ask) this.asked += 1;
      for (const each of verdict.apply) this.listener?.message(each);
    }
  }

  link(news: Partial<Link>): void {
    this.listener?.link({ ...APART, heardAt: Date.now(), ...news });
  }
}
