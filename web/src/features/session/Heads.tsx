const HEADS: [string, string][] = [
  ["status", "Status"],
  ["place", "Session"],
  ["aim", "Works on"],
  ["progress", "Objectives"],
  ["context", "Context"],
  ["cost", "Cost"],
  ["pulse", "15 min"],
];

/** What stands in the columns of the lanes, where there are columns; each part says it for itself to those who listen. */
export function Heads() {
  return (
    <div aria-hidden="true" className="lane lane-heads text-12 text-ink-3">
      {HEADS.map(([part, words]) => (
        <span key={part} className={`lane-${part}`}>
          {words}
        </span>
      ))}
    </div>
  );
}
