"""Alerts and their rules as they leave the house in JSON."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.alert import Measure, Phase, RuleOrigin, Severity
from moonlock.model.shape import Shape


class DeliveryShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What became of telling a channel: ``held`` is quiet hours, ``dropped`` what was over before they were."""

    channel: str
    state: Literal["waiting", "sent", "failed", "held", "dropped"]
    at: str
    tries: int = 0
    answer: str | None = None
    """The other side's status, or why there is none."""


class AlertShape(Shape, frozen=True, rename="camel", kw_only=True):
    """One crossing of a threshold."""

    id: str
    rule: str
    subject: str
    session_id: str | None
    severity: Severity
    phase: Phase
    title: str
    measure: Measure
    level: float | None
    threshold: float
    since: str
    fired_at: str | None
    resolved_at: str | None
    acknowledged_at: str | None
    quiet: bool
    deliveries: list[DeliveryShape] = msgspec.field(default_factory=list)
    """Only in lists that were asked for; frames and snapshots leave it empty."""


class AlertList(Shape, frozen=True, rename="camel", kw_only=True):
    """Firing first, then pending, then resolved, each newest first."""

    alerts: list[AlertShape]
    next_cursor: str | None


class RuleShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A rule as it is in force, and where that was said; durations are milliseconds."""

    id: str
    title: str
    measure: Measure
    rises: bool
    threshold: float
    clear: float
    hold: int
    cooldown: int
    severity: Severity
    enabled: bool
    origin: RuleOrigin


class RuleList(Shape, frozen=True, rename="camel", kw_only=True):
    rules: list[RuleShape]
