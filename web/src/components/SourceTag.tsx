const WHY = {
  official: "The provider itself said this.",
  configured: "You set this yourself.",
  estimated: "Inferred from your own use: the provider has not said it.",
} as const;

export type Source = keyof typeof WHY;

interface Props {
  source: Source;
  /** How old it is, in words. */
  age?: string;
}

/** Says where a limit's figures come from, and since when that is known. */
export function SourceTag({ source, age = "" }: Props) {
  return (
    <span className="tag" title={WHY[source]}>
      {source}
      {age && `, ${age}`}
      <span className="sr-only">. {WHY[source]}</span>
    </span>
  );
}
