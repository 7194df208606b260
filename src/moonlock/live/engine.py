"""The line of data, from a changed file to everyone who is listening."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from moonlock.analytics import alerts
from moonlock.live.hub import Hub
from moonlock.live.state import State
from moonlock.model import AlertRaised, Hello, Update
from moonlock.sources import Source
from moonlock.store import Store


class Engine:
    def __init__(self, store: Store, hub: Hub, state: State, clock: Callable[[], datetime]) -> None:
        self._store, self.hub, self._state, self._clock = store, hub, state, clock
        self._firing = alerts.EMPTY

    def recall(self) -> None:
        """Fold in what earlier runs have kept."""
        for event in self._store.events():
            self._state.apply(event)

    def changed(self, source: Source, path: Path) -> None:
        """A file changed: read on, remember, fold in, tell everyone."""
        batch = source.read(path, self._store.cursor(path))
        events = self._store.append(path, batch)
        if not events:
            return
        for event in events:
            self._state.apply(event)
        snapshot = self._state.snapshot(self._clock())
        self.hub.publish(Update(self.hub.next_seq(), events, snapshot))
        raised, self._firing = alerts.advance(self._firing, snapshot)
        for alert in raised:
            self.hub.publish(AlertRaised(self.hub.next_seq(), alert))

    def hello(self) -> Hello:
        """Where a listener begins, or begins again."""
        return Hello(self.hub.epoch, self.hub.seq, self._state.snapshot(self._clock()))
