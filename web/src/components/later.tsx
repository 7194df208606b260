import { type ComponentType, useCallback, useEffect, useState } from "react";
import { Dialog } from "./Dialog";

type Load<Props> = () => Promise<{ default: ComponentType<Props> }>;

/** A dialog whose code comes when it is opened. If it does not come, that is said, and the page behind it stays. */
export function later<Props extends { close: () => void }>(title: string, load: Load<Props>): ComponentType<Props> {
  let known: ComponentType<Props> | null = null;
  return function Later(props: Props) {
    const [Part, setPart] = useState(() => known);
    const [missing, setMissing] = useState(false);
    const look = useCallback(() => {
      setMissing(false);
      load().then(
        (found) => {
          known = found.default;
          setPart(() => known);
        },
        () => setMissing(true),
      );
    }, []);
    useEffect(() => {
      if (known === null) look();
    }, [look]);
    if (Part !== null) return <Part {...props} />;
    return missing ? <Missing title={title} close={props.close} retry={look} /> : null;
  };
}

function Missing({ title, close, retry }: { title: string; close: () => void; retry: () => void }) {
  return (
    <Dialog title={title} kind="box" close={close}>
      <div role="alert" className="grid justify-items-start gap-3 text-13 text-ink-2">
        <p>
          This part of the page could not be fetched. Try again when Moonlock runs; if it was updated meanwhile, load
          the page anew.
        </p>
        <button type="button" className="control control-edge" onClick={retry}>
          Retry
        </button>
      </div>
    </Dialog>
  );
}
