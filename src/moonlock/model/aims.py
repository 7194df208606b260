"""What was said of objectives, as changes of one each: which call a sub-agent's end ends, which goal replaces which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from moonlock.model.events import ObjectiveSet, SubagentEnded, SubagentStarted
from moonlock.model.instant import Instant

CALL, GOAL = "agent:", "goal:"
"""Beginnings of the identities of what a call wants of a sub-agent, and of goals; the second alone is any goal."""
Said = ObjectiveSet | SubagentEnded
_OVER = ("completed", "deleted")


def agent_aim(call: int) -> str:
    """The identity of what a call wants of a sub-agent."""
    return f"{CALL}{call & (1 << 64) - 1:016x}"


def call_of(aim: ObjectiveSet) -> int:
    """The key of the call that an objective was given with; 0 for any other."""
    digits = aim.objective.removeprefix(CALL)
    if len(digits) != 16 or digits == aim.objective or not set(digits) <= set("0123456789abcdef"):
        return 0
    number = int(digits, 16)
    return number - (1 << 64) if number >= 1 << 63 else number


def is_linked(event: object) -> bool:
    """Whether what this says of an objective hangs on what else was said in its session."""
    return isinstance(event, SubagentEnded) or (
        isinstance(event, ObjectiveSet) and event.objective.startswith((CALL, GOAL))
    )


def settled(said: Iterable[Said], links: Sequence[SubagentStarted]) -> list[ObjectiveSet]:
    """What was said of one session, in time order, with every end under its call, and one goal at most at a time.

    What follows from another event has that one's key. An end of what nobody began says nothing.
    """
    known: dict[str, ObjectiveSet] = {}
    found: list[ObjectiveSet] = []
    led: dict[str, list[SubagentStarted]] = {}
    for link in links:
        led.setdefault(link.agent_id, []).append(link)
    for event in sorted(said, key=_moment):
        for change in _changes(event, known, led):
            known[change.objective] = change
            found.append(change)
    return found


def _moment(event: Said) -> tuple[Instant, bool]:
    """Of one moment an end comes last."""
    return event.at, event.state in _OVER


def _changes(
    event: Said, known: dict[str, ObjectiveSet], led: Mapping[str, Sequence[SubagentStarted]]
) -> Iterator[ObjectiveSet]:
    if isinstance(event, SubagentEnded):
        call = event.call or _call(event, led.get(event.agent_id, ()))
        event = ObjectiveSet(event.key, event.at, agent_aim(call), "", event.state, "")
    if event.objective.startswith(GOAL):
        yield from _goals(event, known)
        return
    if not event.objective.startswith(CALL) or event.state not in _OVER:
        yield event
        return
    before = known.get(event.objective)
    if before is not None and before.state not in _OVER:
        yield replace(event, title=before.title, source=before.source)


def _goals(event: ObjectiveSet, known: dict[str, ObjectiveSet]) -> Iterator[ObjectiveSet]:
    """The next goal takes the place of the one before."""
    for goal in [one for one in known.values() if one.objective.startswith(GOAL)]:
        if goal.state == "in_progress" and goal.objective != event.objective:
            yield replace(goal, key=event.key, at=event.at, state="deleted")
    if event.objective != GOAL:
        yield event


def _call(event: SubagentEnded, links: Sequence[SubagentStarted]) -> int:
    """The newest of the calls that had led to its sub-agent by then; 0 when none had."""
    return max(((link.at, link.call) for link in links if link.at <= event.at), default=(0, 0))[1]
