import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { cover } from "../state/toasts";
import { Toasts } from "./Toasts";

interface Props {
  title: string;
  /** A box in the middle, a sheet at the right, or a broad one. */
  kind: "box" | "sheet" | "drawer";
  close: () => void;
  children: ReactNode;
}

/** A modal dialog of the browser's own: it keeps the focus inside, ends with Esc, and gives the focus back. */
export function Dialog({ title, kind, close, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(cover, []);
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc and the button close it; a click outside is a convenience
    <dialog
      ref={dialog}
      aria-labelledby={id}
      className={kind}
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div className="dialog-head">
        <h2 id={id} className="min-w-0 flex-1 truncate font-semibold text-16">
          {title}
        </h2>
        <button type="button" className="control control-icon -mr-2" aria-label="Close" onClick={close}>
          <X size={18} strokeWidth={1.75} aria-hidden="true" />
        </button>
      </div>
      <div className="p-5">{children}</div>
      <Toasts />
    </dialog>
  );
}
