"""Alerts as they go over the wire."""

from __future__ import annotations

from collections.abc import Iterable

from moonlock.live.shapes import maybe
from moonlock.model.alert import Alert
from moonlock.model.alert_shapes import AlertShape, DeliveryShape
from moonlock.model.instant import Instant, iso
from moonlock.model.wire import AlertRaised, AlertResolved


def alert_shape(alert: Alert, deliveries: Iterable[DeliveryShape] = ()) -> AlertShape:
    """An alert as every face shows it."""
    return AlertShape(
        id=alert.id,
        rule=alert.rule,
        subject=alert.subject,
        session_id=alert.session,
        severity=alert.severity,
        phase=alert.phase,
        title=alert.title,
        measure=alert.measure,
        level=None if alert.level is None else round(alert.level, 4),
        threshold=alert.threshold,
        since=iso(alert.since),
        fired_at=maybe(alert.fired_at),
        resolved_at=maybe(alert.resolved_at),
        acknowledged_at=maybe(alert.acknowledged_at),
        quiet=alert.quiet,
        deliveries=list(deliveries),
    )


def alert_frame(alert: Alert, now: Instant) -> AlertRaised | AlertResolved:
    """What listeners are told of it."""
    kind = AlertResolved if alert.phase == "resolved" else AlertRaised
    return kind(seq=0, at=iso(now), sent_at="", data=alert_shape(alert))
