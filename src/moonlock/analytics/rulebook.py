"""Rules as they are in force: the defaults, changed by what the settings say, changed by what a person says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from moonlock.model.alert import Measure, Rule, RuleOrigin
from moonlock.model.instant import DAY
from moonlock.model.rule_change import RuleChange

NOTHING = RuleChange()
_MOST: dict[Measure, float] = {"share": 10, "probability": 1, "milliseconds": DAY, "ratio": 1_000, "state": 1}
"""The highest threshold of each kind; all are above nothing."""


class UnfitRule(ValueError):
    """A rule that makes no sense: ``why`` says what would."""

    def __init__(self, rule: str, field: str, why: str) -> None:
        super().__init__(f"{field} of {rule}: {why}")
        self.rule, self.field, self.why = rule, field, why


def in_force(
    defaults: Iterable[Rule], settings: Mapping[str, RuleChange], person: Mapping[str, RuleChange]
) -> tuple[Rule, ...]:
    """Every rule. What a person said once and does not fit the settings of today is left out."""
    return tuple(_changed(rule, settings.get(rule.id, NOTHING), person.get(rule.id, NOTHING)) for rule in defaults)


def checked(rule: Rule, settings: RuleChange, person: RuleChange) -> Rule:
    """The rule with both; ``UnfitRule`` when that makes no sense."""
    made = _with(_with(rule, settings, "file"), person, "person")
    most = _MOST[rule.measure]
    if rule.measure == "state" and (made.threshold, made.clear) != (rule.threshold, rule.clear):
        raise UnfitRule(rule.id, "threshold", "it is yes or no, so there is none to choose")
    if not 0 < made.threshold <= most:
        raise UnfitRule(rule.id, "threshold", f"more than 0, up to {most:g}")
    if made.clear <= 0:
        raise UnfitRule(rule.id, "clear", "more than 0, for nothing is less")
    if (made.clear > made.threshold) if rule.rises else (made.clear < made.threshold):
        side = "above" if rule.rises else "below"
        raise UnfitRule(rule.id, "clear", f"not {side} the threshold, which is {made.threshold:g}")
    return made


def merged(before: RuleChange, said: Mapping[str, object]) -> RuleChange:
    """What a person says now: of fields that are not named, what was said before."""
    return msgspec.structs.replace(before, **said)


def _changed(rule: Rule, settings: RuleChange, person: RuleChange) -> Rule:
    for said in ((settings, person), (settings, NOTHING)):
        try:
            return checked(rule, *said)
        except UnfitRule:
            continue
    return rule


def _with(rule: Rule, change: RuleChange, origin: RuleOrigin) -> Rule:
    if change == NOTHING:
        return rule
    said = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
    if change.threshold is not None and change.clear is None:
        moved = round(rule.clear * change.threshold / rule.threshold, 6)
        said["clear"] = (min if rule.rises else max)(moved, change.threshold)  # it stays on its side
    return msgspec.structs.replace(rule, origin=origin, **said)
