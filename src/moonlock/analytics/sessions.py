"""What a session does now, told from how its log ended (measured rules; a log cannot tell everything, and says so).

A permission prompt looks like a long tool, a killed agent like a thinking one: where more than one thing fits, the
likelier is said and ``certain`` is False.
"""

from __future__ import annotations

import msgspec

from moonlock.analytics.lost import LOST
from moonlock.model.instant import MINUTE, Instant
from moonlock.model.presence import Teller, WaitingFor
from moonlock.model.session import PendingTool, Session, SessionStatus, Subagent, Tail

QUESTIONS = frozenset({"AskUserQuestion", "ExitPlanMode"})
"""Tools whose result is a person's answer."""
SILENT = 5 * MINUTE
"""A model that thinks longer is likelier gone (latency: p99 57 s, p99.9 309 s)."""
SURE = MINUTE
"""A tool that runs longer may wait for approval (3.3 % of tools run longer than this)."""
IDLE = 15 * MINUTE
"""Nobody answers so late but in one case of ten (next prompt: p50 107 s, p90 905 s)."""


class Status(msgspec.Struct, frozen=True):
    """What a session does, since when, the tool it is about, whether that is proved, and by whom it is told."""

    status: SessionStatus
    since: Instant | None
    tool: str | None = None
    certain: bool = True
    source: Teller = "log"
    waiting_for: WaitingFor | None = None


def status(session: Session, now: Instant) -> Status:
    """The status of a session by the rules of its log, which proves nothing about what came long after its last line.

    What a provider said about a limit holds until the limit ends.
    """
    found = _logged(session, now)
    old = now - last_activity(session) > SILENT and found.status != "limited"
    return msgspec.structs.replace(found, certain=False) if old and found.certain else found


def _logged(session: Session, now: Instant) -> Status:
    tail, heard = session.tail, last_activity(session)
    if tail.phase == "limited" and tail.limit_resets_at is not None and now < tail.limit_resets_at:
        return Status("limited", tail.at)
    if now - heard > LOST:
        return Status("completed", heard or None, certain=False)
    if tail.pending:
        return _pending(tail, now)
    if tail.phase == "limited":
        return Status("limited", tail.at) if tail.limit_resets_at is None else Status("idle", tail.limit_resets_at)
    if tail.phase == "failed":
        return Status("error", tail.at)
    if tail.phase == "answered":
        return _answered(session, tail, now)
    if tail.phase != "" and now - heard <= SILENT:
        return Status("running", tail.at, certain=tail.phase != "compacted")
    return Status("idle", heard, certain=False)


def subagent_status(session: Session, agent: Subagent, now: Instant) -> Status:
    """A helper runs until its call has a result, or the agent says that it ended; else while it is heard of, for longer
    when its session waits for a tool."""
    if agent.state == "in_progress" and now - agent.last_at <= LOST:
        return Status("running", agent.first_at, certain=now - agent.last_at <= SILENT)
    if agent.state in ("completed", "deleted"):
        return Status("completed", agent.last_at)
    patience = SILENT if session.tail.pending else SURE
    running = now - agent.last_at <= patience
    return Status("running", agent.first_at) if running else Status("completed", agent.last_at, certain=False)


def is_live(session: Session, now: Instant) -> bool:
    """Whether the session belongs on the screen of now: until it counts as ended, at work or idle.

    One that waits for its limit to end is left after an hour of silence too: that limit may hold for days.
    """
    return now - last_activity(session) <= LOST


def last_activity(session: Session) -> Instant:
    """The newest sign of life, sub-agents included; 0 when there was none."""
    return max(session.tail.at, session.last_at or 0, *(agent.last_at for agent in session.agents), 0)


def _pending(tail: Tail, now: Instant) -> Status:
    tool = _foremost(tail.pending)
    if tool.name in QUESTIONS:
        return Status("waiting", tool.since, tool.name, waiting_for="question")
    return Status("running", tool.since, tool.name, certain=now - tool.since <= SURE)


def _foremost(pending: tuple[PendingTool, ...]) -> PendingTool:
    """A question first, for a person is needed; else the tool that runs longest."""
    return min(pending, key=lambda tool: (tool.name not in QUESTIONS, tool.since, tool.key))


def _answered(session: Session, tail: Tail, now: Instant) -> Status:
    """Your turn, unless helpers that were left in the background still work."""
    helpers = [agent.last_at for agent in session.agents if agent.last_at > tail.at]
    if helpers and now - max(helpers) <= SURE:
        return Status("running", tail.at, certain=False)
    return turn_over(tail.at, now)


def turn_over(since: Instant, now: Instant, source: Teller = "log") -> Status:
    """The person's turn, for so long as somebody usually answers."""
    if now - since > IDLE:
        return Status("idle", since, source=source)
    return Status("waiting", since, source=source, waiting_for="prompt")
