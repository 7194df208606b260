"""How well each part does: the parts say it, this folds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from moonlock.live.catchup import Searched
from moonlock.model.health import Component, ComponentStatus, Finding, Health
from moonlock.store.errors import StoreError

SHOWN = 20
"""Findings of one part that are shown; a broken disk has thousands."""


class Condition:
    """What is known of every part now. A part that ``failed`` stays so until it is ``well`` again."""

    def __init__(self) -> None:
        self._parts: dict[str, Component] = {}
        self._failures: dict[str, Finding] = {}

    def put(self, name: str, component: Component) -> None:
        self._parts[name] = component

    def failed(self, work: str, error: Exception) -> None:
        self._failures[work] = failure(error)

    def well(self, work: str) -> None:
        self._failures.pop(work, None)

    def read(self) -> Health:
        """All parts; work that fails makes the store, through which it goes, unhealthy."""
        parts = dict(self._parts)
        if self._failures:
            store = parts.get("store", Component("healthy", ""))
            findings = (*self._failures.values(), *store.findings)
            parts["store"] = Component("unhealthy", "Paused; goes on by itself.", tuple(dict.fromkeys(findings)))
        return Health(parts)


def failure(error: Exception) -> Finding:
    """An error in words that say what to do."""
    if isinstance(error, StoreError):
        return Finding(type(error).__name__, str(error), error.hint)
    return Finding("failed", f"{type(error).__name__}: {error}", "It is tried again; restart Moonlock if this stays.")


def sources_health(places: Sequence[Searched], troubles: Iterable[Finding]) -> Component:
    """What was found where. Nothing at all is a state, not an error: the agent may come later."""
    found = tuple(dict.fromkeys(troubles))
    files = sum(place.files for place in places)
    if not any(place.found for place in places):
        searched = ", ".join(place.path for place in places)
        finding = Finding(
            "no-logs", f"No logs found yet in {searched}.", "Start your agent once, or set CLAUDE_CONFIG_DIR."
        )
        return Component("healthy", "Nothing found yet.", (finding, *found[:SHOWN]))
    status: ComponentStatus = "degraded" if found else "healthy"
    more = f", {len(found)} troubles" if found else ""
    return Component(status, f"{files:,} logs in {sum(place.found for place in places)} folders{more}.", found[:SHOWN])


def hub_health(listeners: int, seq: int) -> Component:
    return Component("healthy", f"{listeners} listening, {seq:,} frames sent.")
