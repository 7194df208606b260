"""The limits of the plan as they leave the house: each with its source and its age."""

from __future__ import annotations

from moonlock.model.limits import LimitSource
from moonlock.model.outlook import Unit
from moonlock.model.shape import Shape


class PaceShape(Shape, frozen=True, rename="camel", kw_only=True):
    expected_percentage: float
    """That would be used by now at an even pace."""


class PercentBandShape(Shape, frozen=True, rename="camel", kw_only=True):
    expected: float
    low: float
    high: float


class QuotaBasisShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What an estimate is a share of: one's own past windows of this length, in dollars or tokens."""

    unit: Unit
    used: float
    usual: float
    """Nine of ten past windows took less: this is 100 %."""
    most: float
    share_of_most: float | None
    """Percent."""
    windows: int


class QuotaWindowShape(Shape, frozen=True, rename="camel", kw_only=True):
    """One limit. Only what is ``official`` is the provider's; an ``estimated`` one is no limit, but one's own habit."""

    name: str
    length_ms: int
    used_percentage: float | None
    resets_at: str | None
    source: LimitSource
    as_of: str | None
    """When what is said here was said first."""
    age_ms: int | None
    pace: PaceShape | None
    end_percentage: PercentBandShape | None = None
    """Where it leads: four of five end between ``low`` and ``high``."""
    runs_out_at: str | None
    """When 100 % is reached, if that happens before the reset: read it beside the probability."""
    overrun_probability: float | None
    basis: QuotaBasisShape | None = None


class PlanShape(Shape, frozen=True, rename="camel", kw_only=True):
    name: str
    type: str
    tier: str


class QuotaShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Every limit that is known; the shortest first."""

    windows: list[QuotaWindowShape]
    plan: PlanShape | None
    """From the agent's own configuration; null for who pays by request."""
    accounts: int = 0
    """So many accounts are told of at once, where that can be known: the windows are those heard of last."""


class QuotaWarningData(Shape, frozen=True, rename="camel", kw_only=True):
    """A limit that comes near, once for each window and rule."""

    rule: str
    """``quota-80``, ``quota-95`` or ``quota-pace``."""
    title: str
    alert_id: str
    window: QuotaWindowShape
