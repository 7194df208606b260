"""What two looks at the same history have in them that is not the same."""

from __future__ import annotations

from collections.abc import Mapping

from moonlock.model.tokens import Usage


def differences(before: Mapping[str, Usage], after: Mapping[str, Usage]) -> dict[str, Usage]:
    """What came, by day and in order, negative where usage left a day for another one; only days that differ."""
    nothing = Usage()
    days = sorted({*before, *after})
    changes = {day: after.get(day, nothing) - before.get(day, nothing) for day in days}
    return {day: change for day, change in changes.items() if change != nothing}
