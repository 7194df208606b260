/** A server that answers the page's requests by table; what is not in it is refused as the real one does. */
import { vi } from "vitest";

export interface Asked {
  method: string;
  path: string;
  body: unknown;
}

type Answer = unknown | ((body: unknown) => unknown);

/** `answers` by `METHOD /path`; returns what was asked, as it comes. */
export function answering(answers: Record<string, Answer>): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const body: unknown = init.body ? JSON.parse(String(init.body)) : undefined;
    const key = `${init.method} ${path}`;
    asked.push({ method: init.method ?? "GET", path, body });
    if (!(key in answers)) {
      const error = { code: "not_here", message: "There is nothing here.", hint: "Look elsewhere." };
      return new Response(JSON.stringify({ error }), { status: 404 });
    }
    const answer = answers[key];
    return new Response(JSON.stringify(typeof answer === "function" ? answer(body) : answer));
  });
  return asked;
}
