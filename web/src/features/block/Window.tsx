import type { BlockShape } from "../../api/frames.gen";
import { Money, Tokens } from "../../components/Figures";
import { Panel } from "../../components/Panel";
import { Ring } from "../../components/Ring";
import { SourceTag } from "../../components/SourceTag";
import { countdown, date, percent, plural } from "../../lib/format";
import { useNow } from "../../state/clock";
import { useSnapshot } from "../../state/live";
import { Outlook } from "./Outlook";
import { Pair } from "./Pair";
import { passed } from "./passed";

/** The provider's five-hour window: how much of it is left, and what was used in it. */
export function Window() {
  const block = useSnapshot()?.block ?? null;
  const now = useNow();
  const open = block?.isActive === true && Date.parse(block.endAt) > now - 60_000;
  return (
    <Panel id="window" title="Window" aside={block && open && <SourceTag source={block.anchor} />}>
      {block && open ? <Open block={block} now={now} /> : <Closed block={block} now={now} />}
    </Panel>
  );
}

function Open({ block, now }: { block: BlockShape; now: number }) {
  const [start, end] = [Date.parse(block.startAt), Date.parse(block.endAt)];
  const share = passed(block, now);
  const about = block.anchor === "estimated" ? "about " : "";
  return (
    <div className="flex flex-1 items-center gap-5">
      <Ring share={share} tone="info">
        <span role="timer" aria-live="off" aria-label="Time left in the window" className="font-semibold text-28">
          {countdown(end - now, "ring")}
        </span>
        <span className="text-12 text-ink-3">{percent(share)} passed</span>
      </Ring>
      <dl className="grid min-w-0 gap-3">
        <Pair term="Ends">
          {about}
          {date(end, now)}
        </Pair>
        <Pair term="Began">{date(start, now)}</Pair>
        <Pair term="Used">
          <Tokens value={block.tokens.total} /> · <Money value={block.costUsd} unpricedTokens={block.unpricedTokens} />
          <span className="block font-normal text-12 text-ink-2">{plural(block.requests, "request")}</span>
        </Pair>
        <Outlook block={block} />
      </dl>
    </div>
  );
}

function Closed({ block, now }: { block: BlockShape | null; now: number }) {
  return (
    <div className="flex flex-1 items-center gap-5">
      <Ring share={0} tone="idle">
        <span className="font-semibold text-28 text-ink-3">—</span>
      </Ring>
      <div className="grid gap-2 text-13">
        <p className="font-medium text-14">No window open</p>
        <p className="text-ink-2">The next request starts one.</p>
        {block && (
          <p className="text-12 text-ink-3">
            The last ended {date(Date.parse(block.endAt), now)}: <Tokens value={block.tokens.total} /> tokens.
          </p>
        )}
      </div>
    </div>
  );
}
