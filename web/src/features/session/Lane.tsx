import { ChevronDown, ChevronRight } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, memo } from "react";
import type { ObjectivesShape, SessionShape } from "../../api/frames.gen";
import { Money, Tokens } from "../../components/Figures";
import { Meter } from "../../components/Meter";
import { model, plural } from "../../lib/format";
import { addressOf, openSession } from "../../state/opened";
import { nameOf } from "../../state/picture";
import { Context } from "./Context";
import { Helpers } from "./Helpers";
import { Pulse } from "./Pulse";
import { StatusPill } from "./StatusPill";
import { wordsOf } from "./status";
import { sizeOf } from "./tree";

interface Props {
  session: SessionShape;
  /** Its subagents are shown. */
  open: boolean;
  fold: (id: string) => void;
}

/** Where it works: its branch, and the project where a name stands in the project's place. */
const place = ({ name, project, branch }: SessionShape) =>
  [name && project, branch ?? "no branch"].filter(Boolean).join(" · ");

/** One session in one row. It renders again only when its own session changed. */
export const Lane = memo(function Lane({ session, open, fold }: Props) {
  const helpers = sizeOf(session.subagents);
  const needed = wordsOf(session).tone === "you" ? "lane-needed" : "";
  return (
    <li className={needed}>
      <article
        className="lane"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: lanes are walked with j, k and Tab
        tabIndex={0}
        data-session={session.id}
        aria-label={`Session ${nameOf(session)}`}
        onClick={(event) => isPlain(event) && openSession(session.id)}
        onKeyDown={(event) => isOwn(event) && openSession(session.id)}
      >
        <div className="lane-status">
          <StatusPill session={session} />
        </div>
        <div className="lane-place text-13">
          <p className="truncate font-semibold" title={session.cwd ?? session.project}>
            <a href={addressOf(session.id)} className="hover:underline" onClick={stay}>
              {nameOf(session)}
            </a>
          </p>
          <p className="lane-branch truncate text-12 text-ink-3">{place(session)}</p>
        </div>
        <div className="lane-aim text-13">
          <p className="truncate" title={aim(session)}>
            {aim(session)}
          </p>
          <p className="flex items-center gap-2 text-12 text-ink-3">
            {session.objectives && <Done objectives={session.objectives} />}
            <span title={session.model ?? undefined}>{model(session.model)}</span>
            {helpers > 0 && <Fold count={helpers} open={open} act={() => fold(session.id)} />}
          </p>
        </div>
        <Progress objectives={session.objectives} />
        <Context context={session.context} />
        <div className="lane-cost text-13">
          <p className="font-semibold">
            <Money
              value={session.costUsd}
              unpricedTokens={session.unpricedTokens}
              understated={session.understatedRequests}
            />
          </p>
          <p className="text-12 text-ink-3">
            <Tokens value={session.tokens.total} />
          </p>
        </div>
        <div className="lane-pulse" title="Tokens of the last 15 minutes">
          <Pulse session={session} />
        </div>
      </article>
      {helpers > 0 && open && <Helpers subagents={session.subagents} />}
    </li>
  );
});

/** The lane opens the details without a load; with a modifier the browser opens the link elsewhere. */
const stay = (event: MouseEvent): void => {
  if (!event.ctrlKey && !event.metaKey && !event.shiftKey) event.preventDefault();
};

/** A click that is for the lane, and not for a button in it, a marked text, or another tab. */
function isPlain({ target, ctrlKey, metaKey, shiftKey }: MouseEvent): boolean {
  const inside = target instanceof Element && target.closest("button") !== null;
  return !inside && !ctrlKey && !metaKey && !shiftKey && getSelection()?.isCollapsed !== false;
}

/** Enter on the lane itself: on a button or link inside it does what that does. */
const isOwn = ({ key, target, currentTarget }: KeyboardEvent): boolean => key === "Enter" && target === currentTarget;

const aim = (session: SessionShape) => session.objectives?.current || session.title || "No title yet";

function Fold({ count, open, act }: { count: number; open: boolean; act: () => void }) {
  const Icon = open ? ChevronDown : ChevronRight;
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={act}
      className="-my-1 inline-flex items-center gap-0.5 rounded-sm py-1 text-ink-2 hover:text-ink pointer-coarse:-my-3 pointer-coarse:min-h-11"
    >
      <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
      {plural(count, "subagent")}
    </button>
  );
}

const Done = ({ objectives: { done, total } }: { objectives: ObjectivesShape }) => (
  <span className="lane-done whitespace-nowrap">
    {done}/{total} done
  </span>
);

function Progress({ objectives }: { objectives: ObjectivesShape | null }) {
  if (!objectives || objectives.total === 0) return <div className="lane-progress" />;
  const { done, total } = objectives;
  return (
    <div className="lane-progress text-12">
      <div className="flex items-center gap-2">
        <Meter
          share={done / total}
          tone="ok"
          label="Objectives"
          words={`${done} of ${total} done`}
          className="flex-1"
        />
        <span className="min-w-10 text-right font-medium">
          {done}/{total}
        </span>
      </div>
    </div>
  );
}
