/** The shape of what is to come. */
export function Skeleton() {
  return (
    <div className="now" aria-busy="true">
      <p className="sr-only">Connecting to Moonlock</p>
      {["window", "limits", "burn", "sessions", "activity"].map((id) => (
        <div key={id} id={id} className="panel min-h-[248px] gap-3">
          <div className="skeleton h-4 w-24" />
          <div className="skeleton h-8 w-40" />
          <div className="skeleton min-h-16 flex-1" />
        </div>
      ))}
    </div>
  );
}
