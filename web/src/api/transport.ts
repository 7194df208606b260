/** What brings messages to the page: the real socket, or one that a test or the gallery drives by hand. */
import type { ServerMessage } from "./frames.gen";

export type LinkState = "connecting" | "live" | "reconnecting" | "offline" | "refused";

export interface Link {
  state: LinkState;
  /** Local time of the last message, or 0. */
  heardAt: number;
  /** Local time since when there is no connection, or 0. */
  lostAt: number;
  /** The server's clock minus this one, in milliseconds. */
  offset: number;
  /** What the server said when it let nobody in. */
  refusal: { message: string; hint: string } | null;
}

export interface Listener {
  message(message: ServerMessage): void;
  link(link: Link): void;
  /** The server closed the connection because this client was too slow. */
  tooSlow(): void;
}

export interface Transport {
  start(listener: Listener): void;
  stop(): void;
  /** Try again at once. */
  retry(): void;
}

export const APART: Link = { state: "connecting", heardAt: 0, lostAt: 0, offset: 0, refusal: null };
