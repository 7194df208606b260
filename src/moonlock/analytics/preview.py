"""When a rule would have fired: its life, lived through pictures of the past.

Between two of them all stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from moonlock.analytics.alerts import NOTHING, Past, after, step
from moonlock.analytics.rules import Picture, signs
from moonlock.model.alert import Rule, Sign
from moonlock.model.instant import Instant


def fired(rule: Rule, pictures: Iterable[Picture]) -> Iterator[Instant]:
    """The moments at which it fired, for pictures in time order; what the last one does not show is over."""
    pasts: dict[str, Past] = {}
    before: dict[str, Sign] = {}
    for seen in pictures:
        there = {sign.subject: sign for sign in signs(rule, seen)}
        for subject in {**pasts, **there}:
            past = pasts.get(subject, NOTHING)
            ripe = _ripe(rule, past)
            if ripe is not None and ripe < seen.now:
                past, at = _step(past, rule, before[subject], ripe)
                yield from at
            pasts[subject], at = _step(past, rule, there.get(subject), seen.now)
            yield from at
        before = there


def _ripe(rule: Rule, past: Past) -> Instant | None:
    """When what is pending fires if it lasts."""
    if past.alert is None or past.alert.phase != "pending":
        return None
    rested = 0 if past.fired_at is None else past.fired_at + rule.cooldown
    return max(past.alert.since + rule.hold, rested)


def _step(past: Past, rule: Rule, sign: Sign | None, now: Instant) -> tuple[Past, list[Instant]]:
    alert = step(past, rule, sign, now)
    fires = alert is not None and alert.phase == "firing" and (past.alert is None or past.alert.phase == "pending")
    return after(past, alert), [now] if fires else []
