"""A rule's life, lived through pictures of the past."""

from __future__ import annotations

import msgspec

from moonlock.analytics.preview import fired
from moonlock.analytics.rules import RULES, Picture, Planned
from moonlock.model.alert import Rule
from moonlock.model.instant import MINUTE

RULE = next(rule for rule in RULES if rule.id == "budget-80")


def seen(minute: int, *shares: float) -> Picture:
    """What is used of the tokens of some sessions by hand."""
    hands = [Planned(f"s{number}", "x", True, share) for number, share in enumerate(shares)]
    return Picture(minute * MINUTE, hands=hands)


def minutes(*pictures: Picture, **more: int) -> list[int]:
    rule: Rule = msgspec.structs.replace(RULE, **more)
    return [at // MINUTE for at in fired(rule, pictures)]


def test_each_crossing_fires_once() -> None:
    up_and_down = [seen(at, share) for at, share in enumerate((0.7, 0.8, 0.9, 0.78, 0.81, 0.7, 0.8))]
    assert minutes(*up_and_down) == [1, 6]


def test_every_subject_lives_for_itself() -> None:
    assert minutes(seen(1, 0.9, 0.1), seen(2, 0.9, 0.9), seen(3)) == [1, 2]


def test_what_lasts_between_two_pictures_fires_in_between() -> None:
    assert minutes(seen(1, 0.9), seen(60, 0.1), hold=5 * MINUTE) == [6]
    assert minutes(seen(1, 0.9), seen(5, 0.1), hold=5 * MINUTE) == []
    assert minutes(seen(1, 0.9), seen(60), hold=5 * MINUTE) == [6]


def test_a_rule_that_rests_fires_when_it_has_rested_if_it_still_holds() -> None:
    again = seen(1, 0.9), seen(2, 0.1), seen(3, 0.9), seen(90, 0.9)
    assert minutes(*again, cooldown=30 * MINUTE) == [1, 31]


def test_a_rule_that_is_off_or_sees_nothing_never_fires() -> None:
    assert minutes(seen(1, 0.9), enabled=False) == []
    assert minutes(seen(1), seen(2, 0.1)) == []
