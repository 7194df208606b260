"""How each part does, told to listeners and to the log when one becomes better or worse; numbers alone are no news."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from moonlock.live import clock, log
from moonlock.model.health import Health
from moonlock.model.instant import iso
from moonlock.model.shapes import HealthShape
from moonlock.model.wire import Frame, HealthCheck


class HealthNews:
    """Remembers what was told."""

    def __init__(self, publish: Callable[[Iterable[Frame]], None]) -> None:
        self._publish = publish
        self._told: object = None
        self._logged: Mapping[str, str] = {}

    def tell(self, found: Health, shape: Callable[[], HealthShape]) -> None:
        """Say what is new in it."""
        said = {name: (part.status, part.findings) for name, part in found.components.items()}
        if said != self._told:
            self._told = said
            self._logged = log.health(self._logged, found)
            self._publish([HealthCheck(seq=0, at=iso(clock.now()), sent_at="", data=shape())])
