"""What a session set out to do, one by one: how each went on, how long it took, and what was used meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise, zip_longest

import msgspec

from moonlock.analytics.aims import Spent, Stretch, outcomes, spent, trust
from moonlock.analytics.timeline import Sums
from moonlock.live.shapes import dollars, tokens_shape
from moonlock.model.chronicle import After
from moonlock.model.chronicle_shapes import ChangeShape, ObjectiveShape
from moonlock.model.events import ObjectiveSet
from moonlock.model.instant import iso
from moonlock.store.facts import Happening


class Aim(msgspec.Struct, frozen=True):
    """An objective, and the change with which it came up."""

    first: ObjectiveSet
    shape: ObjectiveShape


def changes_of(happened: Sequence[Happening]) -> list[list[ObjectiveSet]]:
    """Every objective with all that was said of it, in the order in which they came up.

    What a session led to stands for it where it named nothing.
    """
    found: dict[str, list[ObjectiveSet]] = {}
    for event in happened:
        if isinstance(event, ObjectiveSet):
            found.setdefault(event.objective, []).append(event)
    return list(found.values()) or outcomes(happened)


def aims(each: Iterable[Sequence[ObjectiveSet]], sums: Sums) -> list[Aim]:
    """What became of these objectives; those of one trust share what they used at the same time."""
    known = [(changes, _turned(changes)) for changes in each]
    used: dict[str, Spent] = {}
    for rank in {_trust(changes) for changes, _ in known}:
        alike = {changes[0].objective: _stretches(turned) for changes, turned in known if _trust(changes) == rank}
        used |= spent(alike, sums)
    found = [Aim(changes[0], _shape(changes, turned, used[changes[0].objective])) for changes, turned in known]
    return sorted(found, key=order_of)


def order_of(aim: Aim) -> After:
    """Its place among all of its session."""
    return aim.first.at, "objective", aim.first.key


def _trust(changes: Sequence[ObjectiveSet]) -> int:
    return min(trust(change.source) for change in changes)


def _turned(changes: Sequence[ObjectiveSet]) -> list[ObjectiveSet]:
    return [changes[0], *(one for before, one in pairwise(changes) if one.state != before.state)]


def _stretches(turned: Sequence[ObjectiveSet]) -> list[Stretch]:
    return [
        (one.at, other.at if other else None)
        for one, other in zip_longest(turned, turned[1:])
        if one.state == "in_progress"
    ]


def _shape(changes: Sequence[ObjectiveSet], turned: Sequence[ObjectiveSet], used: Spent) -> ObjectiveShape:
    titles = [change.title for change in changes if change.title]
    return ObjectiveShape(
        id=changes[-1].objective,
        title=titles[-1] if titles else "",
        state=changes[-1].state,
        source=changes[-1].source,
        trust=_trust(changes),
        changes=[ChangeShape(at=iso(one.at), state=one.state) for one in turned],
        in_progress_ms=used.lasted,
        shared_ms=used.shared,
        tokens=tokens_shape(used.usage.tokens),
        cost_usd=None if used.usage.is_unpriced else dollars(used.usage.cost),
    )
