import type { SessionShape } from "../../api/frames.gen";
import { Sparkline } from "../../components/Sparkline";
import { useNowEvery } from "../../state/clock";
import { shifted } from "./shifted";

/** A session's last minutes. They move on as minutes pass, without a word from the server. */
export function Pulse({ session: { pulse, pulseAt } }: { session: SessionShape }) {
  const now = useNowEvery(60_000);
  return <Sparkline points={shifted(pulse, pulseAt, now)} />;
}
