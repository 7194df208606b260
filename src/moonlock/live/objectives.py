"""What a session set out to do, one by one: how each went on, how long it took, and what was used meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise, zip_longest

import msgspec

from moonlock.analytics.timeline import Sums
from moonlock.live.shapes import cost, tokens_shape
from moonlock.model.chronicle import After
from moonlock.model.chronicle_shapes import ChangeShape, ObjectiveShape
from moonlock.model.events import ObjectiveSet
from moonlock.model.instant import iso
from moonlock.model.tokens import Usage


class Aim(msgspec.Struct, frozen=True):
    """An objective, and the change with which it came up."""

    first: ObjectiveSet
    shape: ObjectiveShape


def aims(told: Iterable[ObjectiveSet], sums: Sums) -> list[Aim]:
    """The objectives behind all these changes, which are in time order, in the order in which they came up."""
    found: dict[str, list[ObjectiveSet]] = {}
    for change in told:
        found.setdefault(change.objective, []).append(change)
    return [Aim(changes[0], _shape(changes, sums)) for changes in found.values()]


def order_of(aim: Aim) -> After:
    """Its place among all of its session."""
    return aim.first.at, "objective", aim.first.key


def _shape(changes: Sequence[ObjectiveSet], sums: Sums) -> ObjectiveShape:
    titles = [change.title for change in changes if change.title]
    turned = [changes[0], *(one for before, one in pairwise(changes) if one.state != before.state)]
    stretches = [
        (one.at, other.at if other else None)
        for one, other in zip_longest(turned, turned[1:])
        if one.state == "in_progress"
    ]
    usage = sum((sums.between(start, end) for start, end in stretches), Usage())
    return ObjectiveShape(
        id=changes[-1].objective,
        title=titles[-1] if titles else "",
        state=changes[-1].state,
        source=changes[-1].source,
        changes=[ChangeShape(at=iso(one.at), state=one.state) for one in turned],
        in_progress_ms=sum(max(0, (sums.last if end is None else end) - start) for start, end in stretches),
        tokens=tokens_shape(usage.tokens),
        cost_usd=cost(usage),
    )
