import { tokensExact, UNKNOWN } from "../../../lib/format";

/** Lines added and removed; a dash where nobody counted them. */
export function Changed({ added, removed }: { added: number | null; removed: number | null }) {
  if (added === null && removed === null) return <span title="The agent's log counts no lines here.">{UNKNOWN}</span>;
  return (
    <span className="whitespace-nowrap">
      <span className="tone-ok toned">+{tokensExact(added ?? 0)}</span>{" "}
      <span className="tone-danger toned">−{tokensExact(removed ?? 0)}</span>
    </span>
  );
}
