"""How well each part does: the parts say it, this folds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec

import msgspec

from moonlock.live.catchup import Searched
from moonlock.model.gain import Gain
from moonlock.model.health import Component, ComponentStatus, Finding, Health
from moonlock.model.words import many
from moonlock.store import Store
from moonlock.store.errors import StoreError

SHOWN = 20
"""Findings of one part that are shown; a broken disk has thousands."""

UNFORESEEN = "failed"
"""Code of an error that is no part's own: its words may quote what was read."""
PRICE_HINT = "Add it to price_overrides in config.yaml, or name a price file with MOONLOCK_PRICES."


BUILT_IN = "the built-in table"
"""Where prices come from unless somebody named a file."""


class PriceList(msgspec.Struct, frozen=True):
    """The price table in force: how many models, where from, when it was made, and how many prices are the user's."""

    models: int
    origin: str
    made: str = ""
    own: int = 0
    wrong: Finding | None = None
    """Why the user's own file is not in force."""


class Examined(msgspec.Struct, frozen=True):
    """What the store says of itself, of the logs, and of models without a price."""

    store: Component
    wounds: Sequence[Finding] = ()
    unpriced: Sequence[str] = ()


def examine(store: Store) -> Examined:
    """Ask the store; some milliseconds of the writer's time."""
    return Examined(store.health(), store.wounds(), store.unpriced())


class Condition:
    """What is known of every part now. Work that ``failed`` stays so until all is ``well`` again."""

    def __init__(self) -> None:
        self._parts: dict[str, Component] = {}
        self._failures: dict[str, Finding] = {}

    def put(self, name: str, component: Component) -> None:
        self._parts[name] = component

    def examined(self, found: Examined, prices: PriceList | None) -> None:
        """What the store said."""
        self.put("store", found.store)
        if prices is not None:
            self.put("prices", prices_health(prices, found.unpriced))

    def failed(self, work: str, error: Exception) -> None:
        self._failures[work] = failure(error)

    def well(self) -> None:
        """Everything that failed was made up for."""
        self._failures.clear()

    def read(self) -> Health:
        """All parts; work that fails makes the store, through which it goes, unhealthy."""
        parts = dict(self._parts)
        if self._failures:
            store = parts.get("store", Component("healthy", ""))
            findings = (*self._failures.values(), *store.findings)
            parts["store"] = Component("unhealthy", "paused; goes on by itself", tuple(dict.fromkeys(findings)))
        return Health(parts)


def failure(error: Exception) -> Finding:
    """An error in words that say what to do."""
    if isinstance(error, StoreError):
        return Finding(type(error).__name__, str(error), error.hint)
    return Finding(UNFORESEEN, f"{type(error).__name__}: {error}", "It is tried again; restart Moonlock if this stays.")


def sources_health(
    places: Sequence[Searched], troubles: Iterable[Finding], wounds: Sequence[Finding] = ()
) -> Component:
    """What was found where, and what is wrong with it. Nothing at all is a state, not an error.

    What cannot be read degrades, because somebody can help; damage in a log is told, and stays as it is.
    """
    found = tuple(dict.fromkeys(troubles))
    if not places:
        return Component("healthy", "looking for logs", found[:SHOWN])
    files, folders = sum(place.files for place in places), sum(place.found for place in places)
    if not any(place.found for place in places):
        searched = ", ".join(place.path for place in places)
        finding = Finding(
            "no-logs", f"No logs found yet in {searched}.", "Start your agent once, or set CLAUDE_CONFIG_DIR."
        )
        return Component("healthy", "nothing found yet", (finding, *found[:SHOWN], *wounds))
    status: ComponentStatus = "degraded" if found else "healthy"
    more = f", {many(len(found), 'trouble')}" if found else ""
    said = f"{many(files, 'log')} in {many(folders, 'folder')}{more}"
    return Component(status, said, (*found[:SHOWN], *wounds))


def prices_health(table: PriceList, unpriced: Sequence[str]) -> Component:
    """How fresh the prices are, and which models in use have none: their cost is missing from every sum."""
    made = f", made {table.made}" if table.made else ""
    own = f", {table.own} of your own" if table.own else ""
    said = f"{many(table.models, 'model')} in {table.origin}{made}{own}"
    broken = (table.wrong,) if table.wrong else ()
    if not unpriced:
        return Component("degraded" if broken else "healthy", said, broken)
    models = many(len(unpriced), "model in use has", "models in use have")
    findings = [
        Finding("unpriced", f"{model} has no price: its tokens are counted, its cost is not.", PRICE_HINT)
        for model in unpriced[:SHOWN]
    ]
    return Component("degraded", f"{said}; {models} no price", (*broken, *findings))


def unpriced_in(gain: Gain) -> set[tuple[str, str]]:
    """Sessions, and their models, that used what has no price."""
    models = {session.uid: session.model for session in gain.sessions}
    return {(used.uid, models.get(used.uid, "")) for used in gain.usage if used.usage.unpriced_requests > 0}


class Unpriced:
    """Sessions, and models without a price that they used."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str]] = set()

    def grows(self, gain: Gain) -> bool:
        """Whether a gain brings one that was not known."""
        new = unpriced_in(gain) - self._known
        self._known |= new
        return bool(new)


def hub_health(listeners: int, seq: int) -> Component:
    return Component("healthy", f"{many(listeners, 'client')} listening, {many(seq, 'frame')} sent")


def has_socketio() -> bool:
    """Whether the extra is installed; a look at the folders of packages, without loading it."""
    return find_spec("socketio") is not None


def socketio_health() -> Component:
    """An extra: without it nothing is wrong, but whoever wants it learns how to have it."""
    if has_socketio():
        return Component("healthy", "at /socket.io/")
    return Component("healthy", "not installed; pip install 'moonlock[socketio]' adds it")
