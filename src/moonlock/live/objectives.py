"""What a session set out to do, one by one: how each went on, how long it took, and what was used meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, zip_longest
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from moonlock.analytics.aims import Spent, Stretch, outcomes, spent, trust
from moonlock.analytics.timeline import Sums
from moonlock.live.shapes import dollars, tokens_shape
from moonlock.model.chronicle import After, Billed
from moonlock.model.chronicle_shapes import ChangeShape, ObjectiveShape
from moonlock.model.events import ObjectiveSet
from moonlock.model.instant import Instant, iso
from moonlock.model.tokens import Usage
from moonlock.store.facts import Happening

Own = tuple[str, Usage]
"""A sub-agent, and what it used itself for one objective."""
NOTHING: Mapping[str, Own] = MappingProxyType({})
_ALWAYS = -(1 << 62)


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


def own(each: Iterable[Sequence[ObjectiveSet]], called: Mapping[str, str], billed: Iterable[Billed]) -> dict[str, Own]:
    """By objective what its sub-agent used itself; of one that was called again, from call to call."""
    calls: dict[str, list[tuple[Instant, str]]] = {}
    for changes in each:
        if (agent := called.get(changes[0].objective)) is not None:
            calls.setdefault(agent, []).append((changes[0].at, changes[0].objective))
    answers: dict[str, list[Billed]] = {agent: [] for agent in calls}
    for one in billed:
        if one.agent_id in answers:
            answers[one.agent_id].append(one)
    found: dict[str, Own] = {}
    for agent, begun in calls.items():
        sums, starts = Sums(answers[agent]), [_ALWAYS, *(at for at, _ in sorted(begun)[1:])]
        for (_, aim), start, end in zip_longest(sorted(begun), starts, starts[1:]):
            found[aim] = agent, sums.between(start, end)
    return found


def aims(
    each: Iterable[Sequence[ObjectiveSet]], billed: Sequence[Billed], own: Mapping[str, Own] = NOTHING
) -> list[Aim]:
    """What became of these objectives; those of one trust share what they used at the same time, but for ``own``."""
    known = [(changes, _turned(changes)) for changes in each]
    used: dict[str, Spent] = {}
    for rank in {_trust(changes) for changes, _ in known}:
        alike = {changes[0].objective: _stretches(turned) for changes, turned in known if _trust(changes) == rank}
        used |= _used(alike, billed, own)
    found: list[Aim] = []
    for changes, turned in known:
        name = changes[0].objective
        found.append(Aim(changes[0], _shape(changes, turned, used[name], own.get(name, ("",))[0])))
    return sorted(found, key=order_of)


def order_of(aim: Aim) -> After:
    """Its place among all of its session."""
    return aim.first.at, "objective", aim.first.key


def _used(alike: Mapping[str, Sequence[Stretch]], billed: Sequence[Billed], own: Mapping[str, Own]) -> dict[str, Spent]:
    """What objectives of one trust used. What a sub-agent used itself for one of them, the others do not share."""
    sums = Sums(billed)
    others = {name: one for name, one in alike.items() if name not in own}
    used = spent(others, sums)
    exact = {name: own[name] for name in alike if name in own}
    if exact and others:
        agents = {agent for agent, _ in exact.values()}
        rest = spent(others, Sums(one for one in billed if one.agent_id not in agents))
        used = {name: replace(one, usage=rest[name].usage) for name, one in used.items()}
    for name, (_, usage) in exact.items():
        used[name] = replace(spent({name: alike[name]}, sums)[name], usage=usage)
    return used


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


def _shape(changes: Sequence[ObjectiveSet], turned: Sequence[ObjectiveSet], used: Spent, agent: str) -> ObjectiveShape:
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
        subagent=agent or None,
    )
