/** The WebSocket of the server: connects, stays connected, and hands on what it hears exactly once and in order. */
import type { ClientMessage, ServerMessage } from "./frames.gen";
import { giveUp, type Ledger, take, UNREAD, type Verdict } from "./ledger";
import { measured, NO_OFFSET, type Offsets } from "./offset";
import { APART, type Link, type Listener, type Transport } from "./transport";

export const SILENCE = 75_000;
export const OFFLINE_AFTER = 30_000;
const FIRST_RETRY = 500;
const LONGEST_RETRY = 15_000;
const PATIENCE = 3_000;
const PING_EVERY = 60_000;
const TOO_SLOW = 4008;

/** The wait before attempt `n` (0 is the first): anything up to a bound that doubles, so that pages do not come in step. */
export const backoff = (n: number, random: () => number): number =>
  random() * Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** n);

/** Says why nobody is let in, or null when the server is merely not there. */
export type Probe = () => Promise<Link["refusal"]>;

export async function askWhy(): Promise<Link["refusal"]> {
  const answer = await fetch("/health", { cache: "no-store" });
  if (answer.status !== 401 && answer.status !== 403) return null;
  const body = (await answer.json()) as { error?: { message: string; hint: string } };
  return body.error ?? { message: "This page may not read the data.", hint: "" };
}

export class Socket implements Transport {
  private listener: Listener | undefined;
  private socket: WebSocket | undefined;
  private link: Link = APART;
  private ledger: Ledger = UNREAD;
  private offsets: Offsets = NO_OFFSET;
  private attempt = 0;
  private timers = new Set<ReturnType<typeof setTimeout>>();
  private patience: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly probe: Probe = askWhy,
    private readonly random: () => number = Math.random,
  ) {}

  start(listener: Listener): void {
    this.listener = listener;
    addEventListener("online", this.retry);
    document.addEventListener("visibilitychange", this.seen);
    this.tell({ lostAt: Date.now() });
    this.open();
  }

  stop(): void {
    removeEventListener("online", this.retry);
    document.removeEventListener("visibilitychange", this.seen);
    this.listener = undefined;
    this.drop();
  }

  retry = (): void => {
    if (this.link.state === "live" && Date.now() - this.link.heardAt < SILENCE) return;
    if (this.link.state === "live") this.tell({ state: "reconnecting", lostAt: Date.now() });
    this.attempt = 0;
    this.drop();
    this.open();
  };

  private seen = (): void => {
    if (document.visibilityState === "visible") this.retry();
  };

  private open(): void {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => this.opened();
    socket.onmessage = (event: MessageEvent<string>) => this.heard(event.data);
    socket.onclose = (event) => this.lost(event.code);
    this.later(() => this.age(), OFFLINE_AFTER);
  }

  private opened(): void {
    if (this.ledger.epoch !== "") this.ask();
    for (const wait of [0, 500, 1_000, 2_000, 4_000]) this.later(() => this.ping(), wait);
    const again = () => {
      this.ping();
      this.later(again, PING_EVERY);
    };
    this.later(again, PING_EVERY);
    this.later(() => this.watch(), SILENCE);
  }

  private heard(data: string): void {
    const said = JSON.parse(data) as ServerMessage | ServerMessage[];
    this.link = { ...this.link, heardAt: Date.now() };
    for (const message of Array.isArray(said) ? said : [said]) {
      if (message.type === "pong") this.time(message.t, Date.parse(message.serverTime));
      this.obey(take(this.ledger, message));
    }
  }

  private obey(verdict: Verdict): void {
    this.ledger = verdict.ledger;
    if (!verdict.ledger.asked) clearTimeout(this.patience);
    for (const message of verdict.apply) {
      if (message.type === "hello") this.greeted(Date.parse(message.serverTime));
      this.listener?.message(message);
    }
    if (this.ledger.epoch !== "" && !this.ledger.asked && this.link.state !== "live") this.live();
    if (verdict.ask) this.ask();
  }

  private live(): void {
    this.attempt = 0;
    this.tell({ state: "live", lostAt: 0, refusal: null });
  }

  private greeted(serverTime: number): void {
    if (this.offsets.seen.length === 0) this.tell({ offset: serverTime - Date.now() });
  }

  private ask(): void {
    this.ledger = { ...this.ledger, asked: true };
    this.send({ type: "resume", epoch: this.ledger.epoch, seq: this.ledger.seq });
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.impatient(), PATIENCE);
    this.timers.add(this.patience);
  }

  /** `resume` was not answered. */
  private impatient(): void {
    const verdict = giveUp(this.ledger);
    if (verdict) {
      this.obey(verdict);
    } else {
      this.ledger = UNREAD;
      this.lost(0);
    }
  }

  private ping(): void {
    this.send({ type: "ping", t: Date.now() });
  }

  private time(sent: number, server: number): void {
    this.offsets = measured(this.offsets, sent, Date.now(), server);
    this.tell({ offset: this.offsets.value });
  }

  private watch(): void {
    const left = this.link.heardAt + SILENCE - Date.now();
    if (left > 0) this.later(() => this.watch(), Math.min(left, SILENCE));
    else this.lost(0);
  }

  private lost(code: number): void {
    const wasLive = this.link.state === "live";
    this.drop();
    if (!this.listener) return;
    if (code === TOO_SLOW) this.listener.tooSlow();
    if (wasLive) this.tell({ state: "reconnecting", lostAt: Date.now() });
    else this.probe().then((refusal) => this.refused(refusal), ignore);
    this.age();
    this.later(() => this.open(), backoff(this.attempt++, this.random));
  }

  private refused(refusal: Link["refusal"]): void {
    if (refusal && this.link.state !== "live") this.tell({ state: "refused", refusal });
  }

  /** After half a minute without a connection the page says so plainly. */
  private age(): void {
    const { state, lostAt } = this.link;
    if (state === "live" || state === "refused" || lostAt === 0) return;
    const left = lostAt + OFFLINE_AFTER - Date.now();
    if (left <= 0) this.tell({ state: "offline" });
    else this.later(() => this.age(), left);
  }

  private send(message: ClientMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private tell(news: Partial<Link>): void {
    this.link = { ...this.link, ...news };
    this.listener?.link(this.link);
  }

  private later(act: () => void, wait: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, wait);
    this.timers.add(timer);
  }

  private drop(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    const socket = this.socket;
    this.socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

const ignore = () => {};
