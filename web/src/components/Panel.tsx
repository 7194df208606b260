import { Component, type ReactNode } from "react";

interface Props {
  id: string;
  title: string;
  /** Stands at the right end of the title's line. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A card with a title. If what is in it fails to draw, it says so alone, and the rest of the page lives on. */
export function Panel({ id, title, aside, className = "", children }: Props) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className={`panel ${className}`}>
      <div className="mb-3 flex min-h-7 items-center gap-3">
        <h2 id={`${id}-title`} className="flex-1 whitespace-nowrap font-semibold text-14">
          {title}
        </h2>
        {aside}
      </div>
      <Guard>{children}</Guard>
    </section>
  );
}

export class Guard extends Component<{ children: ReactNode }, { trouble: Error | null }> {
  override state: { trouble: Error | null } = { trouble: null };

  static getDerivedStateFromError(trouble: Error) {
    return { trouble };
  }

  override render() {
    if (!this.state.trouble) return this.props.children;
    const details = String(this.state.trouble.stack ?? this.state.trouble);
    return (
      <div role="alert" className="grid gap-3 text-13 text-ink-2">
        <p>This panel failed to draw.</p>
        <p className="flex gap-2">
          <button type="button" className="control control-edge" onClick={() => this.setState({ trouble: null })}>
            Retry
          </button>
          <button type="button" className="control" onClick={() => navigator.clipboard?.writeText(details)}>
            Copy details
          </button>
        </p>
      </div>
    );
  }
}
