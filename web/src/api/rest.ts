/** Questions and orders to the server over HTTP. A refusal speaks in the server's own words. */
import type { ErrorShape } from "./frames.gen";

export class Refused extends Error {
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

const SILENT = new Refused("Moonlock does not answer.", "Start it with moonlock start.");

/** What the server answers; throws `Refused` when it says no or nothing. */
export async function ask<T>(method: "GET" | "POST" | "PUT", path: string, body?: unknown): Promise<T> {
  const head =
    body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, { method, ...head }).catch(() => null);
  if (answer === null) throw SILENT;
  const said: unknown = await answer.json().catch(() => null);
  if (answer.ok) return said as T;
  const { error } = (said ?? {}) as Partial<ErrorShape>;
  throw new Refused(error?.message ?? `The server answered ${answer.status}.`, error?.hint ?? "");
}
