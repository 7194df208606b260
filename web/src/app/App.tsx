import { Moon } from "lucide-react";
import { useEffect } from "react";
import { connect } from "../api/socket";
import { useLive } from "../state/live";

const count = new Intl.NumberFormat("en");

export function App() {
  const receive = useLive((state) => state.receive);
  const tokens = useLive((state) => state.snapshot?.tokens);
  useEffect(() => connect(receive), [receive]);
  return (
    <main className="mx-auto grid min-h-dvh max-w-xl place-content-center gap-2 text-center">
      <h1 className="flex items-center justify-center gap-2 text-lg">
        <Moon aria-hidden="true" size={20} /> Moonlock
      </h1>
      <output aria-label="Total tokens" className="font-semibold text-6xl tabular-nums">
        {tokens ? count.format(tokens.input + tokens.output + tokens.cacheWrite + tokens.cacheRead) : "waiting"}
      </output>
      <p>tokens</p>
    </main>
  );
}
