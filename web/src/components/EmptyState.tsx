import type { ReactNode } from "react";

/** What is not here, and why or what to do; no picture. */
export function EmptyState({ what, children }: { what: string; children?: ReactNode }) {
  return (
    <div className="grid gap-1">
      <p className="font-medium text-14">{what}</p>
      {children && <div className="text-13 text-ink-2">{children}</div>}
    </div>
  );
}
