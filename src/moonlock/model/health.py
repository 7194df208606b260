"""How well each part does, in words that say what to do."""

from __future__ import annotations

from typing import Literal

import msgspec

ComponentStatus = Literal["healthy", "degraded", "unhealthy"]


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong or worth knowing; ``hint`` says what to do about it."""

    code: str
    message: str
    hint: str = ""


class Component(msgspec.Struct, frozen=True):
    """The state of one part: store, watcher, hub, sources, prices, page."""

    status: ComponentStatus
    summary: str
    findings: tuple[Finding, ...] = ()


class Health(msgspec.Struct, frozen=True):
    """The state of all parts; the worst of them decides."""

    components: dict[str, Component]

    @property
    def status(self) -> ComponentStatus:
        found = {component.status for component in self.components.values()}
        return "unhealthy" if "unhealthy" in found else "degraded" if "degraded" in found else "healthy"
