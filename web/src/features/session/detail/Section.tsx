import { type ReactNode, useId } from "react";

interface Props {
  title: string;
  /** Stands at the right end of the title's line. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A part of the details, with its title. */
export function Section({ title, aside, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="grid min-w-0 gap-3">
      <div className="flex items-baseline gap-3 border-line border-b pb-1.5">
        <h3 id={id} className="flex-1 font-semibold text-14">
          {title}
        </h3>
        {aside && <span className="text-12 text-ink-3">{aside}</span>}
      </div>
      <div className="grid min-w-0 gap-2">{children}</div>
    </section>
  );
}

/** Figures under their words. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode, ReactNode?] | null)[] }) {
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(132px,1fr))] gap-x-4 gap-y-3">
      {facts
        .filter((fact) => fact !== null)
        .map(([words, figure, more]) => (
          <div key={words} className="flex min-w-0 flex-col-reverse justify-end">
            <dt className="text-12 text-ink-3">
              {words}
              {more && <span className="block">{more}</span>}
            </dt>
            <dd className="font-semibold text-16">{figure}</dd>
          </div>
        ))}
    </dl>
  );
}
