const WHY = {
  official: "The provider itself named this time.",
  estimated: "Inferred from your first request: the provider has not named this time.",
} as const;

/** Says where a limit's figures come from. */
export function SourceTag({ source }: { source: keyof typeof WHY }) {
  return (
    <span className="tag" title={WHY[source]}>
      {source}
      <span className="sr-only">. {WHY[source]}</span>
    </span>
  );
}
