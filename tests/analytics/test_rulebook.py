"""Rules in force: the default, what the settings say, what a person says; and what makes no sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.rulebook import NOTHING, UnfitRule, checked, in_force, merged
from moonlock.analytics.rules import RULES
from moonlock.model.alert import Rule
from moonlock.model.rule_change import RuleChange

BY_ID = {rule.id: rule for rule in RULES}
RISES, FALLS = BY_ID["budget-80"], BY_ID["time-to-limit"]


def one(settings: RuleChange, person: RuleChange) -> Rule:
    return in_force([RISES], {RISES.id: settings}, {RISES.id: person})[0]


def test_the_defaults_make_sense() -> None:
    assert [checked(rule, NOTHING, NOTHING) for rule in RULES] == [*RULES]
    assert in_force(RULES, {}, {}) == RULES


def test_a_person_beats_the_settings_which_beat_the_default_field_by_field() -> None:
    rule = one(RuleChange(threshold=0.7, cooldown=5), RuleChange(threshold=0.6, enabled=False))
    assert (rule.threshold, rule.cooldown, rule.enabled, rule.severity) == (0.6, 5, False, RISES.severity)
    assert rule.origin == "person"
    assert one(RuleChange(hold=1), NOTHING).origin == "file"
    assert one(NOTHING, NOTHING).origin == "default"


@given(st.sampled_from([rule for rule in RULES if rule.measure != "state"]), st.floats(0.001, 1))
def test_a_threshold_that_moves_takes_the_end_along_on_its_good_side(rule: Rule, threshold: float) -> None:
    moved = checked(rule, NOTHING, RuleChange(threshold=threshold))
    assert moved.clear <= threshold if rule.rises else moved.clear >= threshold
    assert checked(rule, RuleChange(threshold=threshold), NOTHING).clear == moved.clear


@pytest.mark.parametrize(
    ("rule", "change", "field"),
    [
        (RISES, RuleChange(clear=0.81), "clear"),
        (RISES, RuleChange(clear=0.0), "clear"),  # nothing is less than that: it would never be over
        (RISES, RuleChange(threshold=0.0), "threshold"),
        (RISES, RuleChange(threshold=11), "threshold"),
        (FALLS, RuleChange(clear=FALLS.threshold - 1), "clear"),
        (FALLS, RuleChange(threshold=86_400_001), "threshold"),
        (BY_ID["overrun"], RuleChange(threshold=1.01), "threshold"),
        (BY_ID["session-error"], RuleChange(threshold=0.5), "threshold"),
        (BY_ID["session-error"], RuleChange(clear=0.5), "threshold"),
    ],
)
def test_what_makes_no_sense_names_its_field(rule: Rule, change: RuleChange, field: str) -> None:
    for said in ((change, NOTHING), (NOTHING, change)):
        with pytest.raises(UnfitRule) as refused:
            checked(rule, *said)
        assert refused.value.field == field


def test_what_a_person_said_before_the_settings_changed_is_left_out_if_it_fits_no_more() -> None:
    rule = one(RuleChange(threshold=0.5, clear=0.4), RuleChange(clear=0.7))
    assert (rule.threshold, rule.clear, rule.origin) == (0.5, 0.4, "file")
    assert one(RuleChange(threshold=99), NOTHING) == RISES


def test_null_takes_back_and_what_is_not_named_stays() -> None:
    said = merged(RuleChange(threshold=0.5, hold=1), {"threshold": None, "cooldown": 3})
    assert said == RuleChange(hold=1, cooldown=3)
