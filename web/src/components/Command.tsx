import { Check, Copy } from "lucide-react";
import { useState } from "react";

/** A command to run, and a button that copies it. */
export function Command({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const Icon = copied ? Check : Copy;
  const copy = async () => {
    await navigator.clipboard?.writeText(text);
    setCopied(true);
  };
  return (
    <div className="inline-flex max-w-full items-center gap-2 rounded-md bg-s2 py-1 pr-1 pl-3">
      <code className="min-w-0 overflow-x-auto whitespace-nowrap font-mono text-12 sm:text-13">{text}</code>
      <button
        type="button"
        className="control !min-h-8 !w-8 !p-0"
        aria-label={copied ? "Copied" : `Copy ${text}`}
        onClick={copy}
      >
        <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
      </button>
    </div>
  );
}
