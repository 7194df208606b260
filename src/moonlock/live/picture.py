"""The whole picture as bytes: made once for all who ask in the same second while nothing changes."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from moonlock.live.hub import Hub
from moonlock.model.instant import SECOND, Instant, iso
from moonlock.model.wire import PROTOCOL, Snapshot

_encode = msgspec.json.Encoder().encode


class Picture:
    """The newest snapshot, encoded. ``made`` counts, so that tests can count work instead of time."""

    def __init__(self, hub: Hub, take: Callable[[Instant], Snapshot]) -> None:
        self._hub, self._take = hub, take
        self._of: tuple[str, int, int] | None = None
        self._body = b""
        self.made = 0

    def snapshot(self, now: Instant) -> bytes:
        """What ``GET /api/now`` answers."""
        of = (self._hub.epoch, self._hub.seq, now // SECOND)
        if of != self._of:
            self._body, self._of = _encode(self._take(now)), of
            self.made += 1
        return self._body

    def hello(self, now: Instant) -> bytes:
        """Where a listener begins, or begins again: model.wire.Hello, whose snapshot is encoded already."""
        said = {"type": "hello", "protocol": PROTOCOL, "epoch": self._hub.epoch, "seq": self._hub.seq}
        return _encode({**said, "serverTime": iso(now), "snapshot": msgspec.Raw(self.snapshot(now))})
