"""What a person or a settings file says of a rule: only what it says is another than the default."""

from __future__ import annotations

import msgspec

from moonlock.model.alert import Severity


class RuleChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """None says nothing. Durations are milliseconds."""

    enabled: bool | None = None
    threshold: float | None = None
    clear: float | None = None
    hold: int | None = None
    cooldown: int | None = None
    severity: Severity | None = None


CHANGEABLE = RuleChange.__struct_fields__
