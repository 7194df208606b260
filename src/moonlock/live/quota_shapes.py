"""The limits as they go over the wire, and what listeners are warned of."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from moonlock.analytics.quota import even
from moonlock.live.shapes import dollars, maybe
from moonlock.model.alert_shapes import AlertShape
from moonlock.model.instant import MINUTE, Instant
from moonlock.model.limits import Plan, Quota, QuotaHabit, QuotaWindow
from moonlock.model.quota_shapes import (
    PaceShape,
    PercentBandShape,
    PlanShape,
    QuotaBasisShape,
    QuotaShape,
    QuotaWarningData,
    QuotaWindowShape,
)
from moonlock.model.wire import AlertRaised, Frame, QuotaWarning

WARNING = ("quota-80", "quota-95", "quota-pace")
"""The rules whose alerts are warnings of a limit."""
TIERS = {"claude_pro": "Pro", "claude_max": "Max", "claude_team": "Team", "claude_enterprise": "Enterprise"}


def quota_shape(quota: Quota, now: Instant) -> QuotaShape:
    """The windows that are open at ``now``; percentages are rounded to what a person reads."""
    windows = [window_shape(one, now) for one in quota.windows if is_open(one, now)]
    plan = None if quota.plan is None else plan_shape(quota.plan)
    return QuotaShape(windows=windows, plan=plan, accounts=quota.accounts)


def is_open(window: QuotaWindow, now: Instant) -> bool:
    """Whether it has not reset yet."""
    return window.resets_at is None or window.resets_at > now


def window_shape(one: QuotaWindow, now: Instant) -> QuotaWindowShape:
    """One limit, its age and pace as of ``now``."""
    expected = None if one.resets_at is None else even(one.resets_at, one.length, now)
    runs_out = None if one.runs_out_at is None else one.runs_out_at - one.runs_out_at % MINUTE
    return QuotaWindowShape(
        name=one.name,
        length_ms=one.length,
        used_percentage=_rounded(one.used),
        resets_at=maybe(one.resets_at),
        source=one.source,
        as_of=maybe(one.as_of),
        age_ms=None if one.as_of is None else max(0, now - one.as_of),
        pace=None if expected is None else PaceShape(expected_percentage=round(expected, 1)),
        end_percentage=None if one.end is None else _band(one.end),
        runs_out_at=maybe(runs_out),
        overrun_probability=None if one.overrun is None else round(one.overrun, 3),
        basis=None if one.habit is None else _basis(one.habit),
    )


def plan_shape(plan: Plan) -> PlanShape:
    """A name that a person knows, where the agent's words are known: ``Max 20x``."""
    times = plan.tier.rpartition("_")[2]
    name = TIERS.get(plan.type, plan.type.removeprefix("claude_").replace("_", " ").title())
    more = f" {times}" if times.endswith("x") and times[:-1].isdigit() else ""
    return PlanShape(name=f"{name}{more}".strip(), type=plan.type, tier=plan.tier)


def timeless(shape: QuotaShape) -> QuotaShape:
    """Without what time alone changes: that a minute went by is no news."""
    official = [
        msgspec.structs.replace(one, age_ms=None, pace=None, as_of=one.as_of if one.source == "official" else None)
        for one in shape.windows
    ]
    return msgspec.structs.replace(shape, windows=official)


def warnings(frames: list[Frame], shape: QuotaShape) -> Iterator[Frame]:
    """The frames, and behind an alert that a limit comes near what is known of the limit."""
    for frame in frames:
        yield frame
        if not isinstance(frame, AlertRaised):
            continue
        window = _meant(frame.data, shape)
        if window is not None:
            alert = frame.data
            data = QuotaWarningData(rule=alert.rule, title=alert.title, alert_id=alert.id, window=window)
            yield QuotaWarning(seq=0, at=frame.at, sent_at="", data=data)


def _meant(alert: AlertShape, shape: QuotaShape) -> QuotaWindowShape | None:
    fires = alert.rule in WARNING and alert.phase == "firing" and alert.acknowledged_at is None
    name = alert.subject.partition(" ")[0]
    return next((one for one in shape.windows if fires and one.name == name), None)


def _rounded(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 1)


def _band(end: tuple[float, float, float]) -> PercentBandShape:
    expected, low, high = (round(each, 1) for each in end)
    return PercentBandShape(expected=expected, low=low, high=high)


def _basis(habit: QuotaHabit) -> QuotaBasisShape:
    used, usual, most = (
        dollars(each) if habit.unit == "costUsd" else float(round(each))
        for each in (habit.used, habit.usual, habit.most)
    )
    return QuotaBasisShape(
        unit=habit.unit,
        used=used,
        usual=usual,
        most=most,
        share_of_most=_rounded(100 * habit.used / habit.most) if habit.most else None,
        windows=habit.windows,
    )
