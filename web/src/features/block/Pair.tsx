/** A fact of the window with its name. */
export function Pair({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="text-12 text-ink-3">{term}</dt>
      <dd className="font-semibold text-14">{children}</dd>
    </div>
  );
}
