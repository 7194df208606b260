import { Mark } from "../../components/Mark";

interface Props {
  refusal: { message: string; hint: string };
  retry: () => void;
}

/** The server let this page not in: what it said, what to do, and no data. */
export function NotAllowed({ refusal, retry }: Props) {
  return (
    <main className="mx-auto grid min-h-dvh max-w-[480px] content-center gap-4 px-6">
      <Mark size={32} />
      <h1 className="font-semibold text-20">This page may not read your sessions</h1>
      <p className="text-14 text-ink-2">{refusal.message}</p>
      <p className="text-14 text-ink-2">
        {refusal.hint ||
          "Open it as http://localhost on the machine where Moonlock runs. From elsewhere it needs the token that `moonlock token` prints."}
      </p>
      <p>
        <button type="button" className="control control-edge" onClick={retry}>
          Try again
        </button>
      </p>
    </main>
  );
}
