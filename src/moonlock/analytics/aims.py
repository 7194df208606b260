"""Objectives: which word counts most, and what each used, with shared time split among those that shared it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec

from moonlock.analytics.timeline import Sums
from moonlock.model.events import Committed, Event, ObjectiveSet, PullRequestOpened
from moonlock.model.instant import Instant
from moonlock.model.tokens import Tokens, Usage

TASKS, PLANS, GOALS, HELPERS, OUTCOMES = 1, 2, 3, 4, 5
"""How far down a kind of source stands in the order of trust."""
_TRUST = {
    "ExitPlanMode": PLANS,
    "planContent": PLANS,
    "goal": GOALS,
    "Agent": HELPERS,
    "Task": HELPERS,
    "pull-request": OUTCOMES,
    "commit": OUTCOMES,
}
_NEVER = 1 << 62

Stretch = tuple[Instant, Instant | None]
"""From when to when something was in progress; None while it is."""


class Spent(msgspec.Struct, frozen=True):
    """What an objective used; ``shared`` is the time that it had not for itself."""

    usage: Usage = Usage()
    lasted: Instant = 0
    shared: Instant = 0


def trust(source: str) -> int:
    """1 for what an agent's own task list says, more for what says less about what was meant."""
    return _TRUST.get(source, TASKS)


def counted(objectives: Iterable[ObjectiveSet]) -> list[ObjectiveSet]:
    """Those that say how far a session is; what sub-agents were called for only where nothing else was named."""
    kept = [each for each in objectives if each.state != "deleted"]
    return [each for each in kept if trust(each.source) < HELPERS] or kept


def spent(stretches: Mapping[str, Sequence[Stretch]], sums: Sums) -> dict[str, Spent]:
    """By objective: what was used while it was in progress, evenly shared with those that were so at the same time."""
    borders = sorted({at for each in stretches.values() for one in each for at in _borders(one)})
    found = dict.fromkeys(stretches, Spent())
    for start, end in pairwise(borders):
        active = [name for name, each in stretches.items() if any(_covers(one, start) for one in each)]
        if not active:
            continue
        lasted = max(0, min(end, sums.last) - start)
        parts = parted(sums.between(start, None if end == _NEVER else end), len(active))
        for name, part in zip(active, parts, strict=True):
            known = found[name]
            shared = known.shared + (lasted if len(active) > 1 else 0)
            found[name] = Spent(known.usage + part, known.lasted + lasted, shared)
    return found


def parted(usage: Usage, count: int) -> list[Usage]:
    """So many whole parts, as even as can be; the first has what is left over."""
    if count == 1:
        return [usage]
    each = _over(usage, count)
    rest = usage
    for _ in range(count - 1):
        rest -= each
    return [rest, *[each] * (count - 1)]


def outcomes(happened: Sequence[Event]) -> list[list[ObjectiveSet]]:
    """What a session led to, for one that named no objective: its pull requests and commits, each from the one before.

    They say when something was reached, and nothing of what was meant.
    """
    found: list[list[ObjectiveSet]] = []
    since = min((event.at for event in happened), default=0)
    for event in happened:
        if isinstance(event, Committed):
            name, title = f"commit:{event.key:x}", f"commit {event.sha[:7]}".strip()
        elif isinstance(event, PullRequestOpened):
            name, title = f"pull-request:{event.key:x}", f"pull request #{event.number}"
        else:
            continue
        source = name.partition(":")[0]
        begun = ObjectiveSet(event.key, min(since, event.at), name, title, "in_progress", source)
        found.append([begun, ObjectiveSet(event.key, event.at, name, title, "completed", source)])
        since = event.at
    return found


def _over(usage: Usage, count: int) -> Usage:
    tokens = usage.tokens
    return Usage(
        Tokens(
            tokens.input // count,
            tokens.output // count,
            tokens.cache_write_5m // count,
            tokens.cache_write_1h // count,
            tokens.cache_read // count,
        ),
        usage.requests // count,
        usage.cost // count,
        usage.unpriced_requests // count,
        usage.unpriced_tokens // count,
        usage.understated // count,
    )


def _borders(one: Stretch) -> tuple[Instant, Instant]:
    start, end = one
    return start, _NEVER if end is None else max(start, end)


def _covers(one: Stretch, moment: Instant) -> bool:
    start, end = _borders(one)
    return start <= moment < end
