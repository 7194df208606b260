"""The rules in force while a server runs, and what a person says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from moonlock.analytics.rulebook import NOTHING, checked, in_force, merged
from moonlock.analytics.rules import RULES
from moonlock.live import clock
from moonlock.live.turns import InTurn
from moonlock.model.alert import Rule
from moonlock.model.alert_shapes import RuleShape
from moonlock.model.instant import Instant
from moonlock.model.rule_change import RuleChange
from moonlock.store import Store

Said = Mapping[str, Mapping[str, object]]
"""By rule and field; None takes back what was said."""
DEFAULTS = {rule.id: rule for rule in RULES}


class UnknownRule(ValueError):
    """There is no rule of this name."""


class Rulebook:
    """Lives in the event loop's thread. ``use`` is told whenever another rule is in force."""

    def __init__(
        self,
        store: Store,
        in_turn: InTurn,
        settings: Mapping[str, RuleChange],
        use: Callable[[Sequence[Rule]], None],
    ) -> None:
        self._store, self._in_turn, self._settings, self._use = store, in_turn, settings, use
        self._person: Mapping[str, RuleChange] = {}
        self.rules = in_force(RULES, settings, {})

    async def begin(self) -> None:
        """Go on with what the store remembers."""
        await self._in_turn(self._store.rule_changes().all, self._adopt)

    async def change(self, said: Said) -> tuple[Rule, ...]:
        """Keep what a person says, all of it or nothing: every rule as it is then.

        ``UnknownRule``, or ``UnfitRule`` for one that would make no sense.
        """
        await self._in_turn(partial(self._changed, said, clock.now()), self._adopt)
        return self.rules

    def with_other(self, rule: str, said: Mapping[str, object]) -> Rule:
        """The rule as it would be, switched on; the same refusals."""
        person = merged(self._person.get(rule, NOTHING), said)
        return msgspec.structs.replace(self._checked(rule, person), enabled=True)

    def _changed(self, said: Said, now: Instant) -> dict[str, RuleChange]:
        kept = self._store.rule_changes()
        before = kept.all()
        changes = {rule: merged(before.get(rule, NOTHING), fields) for rule, fields in said.items()}
        for rule, change in changes.items():
            self._checked(rule, change)
        kept.put(changes, now)
        return kept.all()

    def _checked(self, rule: str, person: RuleChange) -> Rule:
        if rule not in DEFAULTS:
            raise UnknownRule(rule)
        return checked(DEFAULTS[rule], self._settings.get(rule, NOTHING), person)

    def _adopt(self, person: Mapping[str, RuleChange]) -> None:
        self._person = person
        self.rules = in_force(RULES, self._settings, person)
        self._use(self.rules)


def rule_shape(rule: Rule) -> RuleShape:
    """A rule as every face shows it."""
    return RuleShape(**msgspec.structs.asdict(rule))
