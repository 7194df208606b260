"""What a person says of alert rules: written to outlive a power cut, like everything that a person made."""

from __future__ import annotations

from collections.abc import Mapping

import apsw
from msgspec.structs import astuple

from moonlock.model.instant import Instant
from moonlock.model.rule_change import CHANGEABLE, RuleChange
from moonlock.store.connection import rows, transaction

_COLUMNS = ", ".join(CHANGEABLE)
_KEEP = f"insert or replace into rule_change (rule, {_COLUMNS}, changed_at) values (?, {'?, ' * len(CHANGEABLE)}?)"
_NOTHING = RuleChange()


class RuleChanges:
    """By rule; one that says nothing is not kept."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def all(self) -> dict[str, RuleChange]:
        """Everything that a person says now."""
        found = rows(self._db, f"select rule, {_COLUMNS} from rule_change order by rule")
        return {rule: _change(*said) for rule, *said in found}

    def put(self, changes: Mapping[str, RuleChange], now: Instant) -> None:
        """What a person says of these rules from now on, all of them or none."""
        with transaction(self._db, durable=True):
            for rule, change in changes.items():
                if change == _NOTHING:
                    self._db.execute("delete from rule_change where rule = ?", (rule,))
                else:
                    self._db.execute(_KEEP, (rule, *astuple(change), now))


def _change(enabled: int | None, *others: object) -> RuleChange:
    return RuleChange(**dict(zip(CHANGEABLE, (None if enabled is None else bool(enabled), *others), strict=True)))  # type: ignore[arg-type]
