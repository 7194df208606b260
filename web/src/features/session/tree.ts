/** Subagents of a session, and their own subagents below them. */
import type { SubagentShape } from "../../api/frames.gen";
import { shortId } from "../../lib/format";
import { wordsOfStatus } from "./status";

/** How many there are, with all below them. */
export const sizeOf = (subagents: readonly SubagentShape[]): number =>
  subagents.reduce((sum, { subagents: below }) => sum + 1 + sizeOf(below), 0);

/** Whether it works, or one below it does. */
export const isAtWork = ({ status, subagents }: SubagentShape): boolean =>
  status === "running" || subagents.some(isAtWork);

/** Those that need somebody or work come first, then who was heard of last. */
export const sorted = (subagents: readonly SubagentShape[]): SubagentShape[] =>
  [...subagents].sort((a, b) => rankOf(a) - rankOf(b) || b.lastActivityAt.localeCompare(a.lastActivityAt));

const rankOf = ({ status, subagents }: SubagentShape): number =>
  Math.min(wordsOfStatus(status).rank, ...subagents.map(rankOf));

/** What it was asked to do, else its kind, else its id. */
export const nameOfHelper = ({ title, kind, id }: SubagentShape): string => title || kind || shortId(id);
