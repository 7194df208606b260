"""What the server needs of the house behind it: the engine is one, a test's small one is another."""

from __future__ import annotations

from typing import Protocol

from moonlock.live.alarms import Alarms
from moonlock.live.byhand import ByHand
from moonlock.live.channels import Channels
from moonlock.live.foresight import Foresight
from moonlock.live.health import Condition
from moonlock.live.hub import Hub
from moonlock.live.picture import Picture
from moonlock.live.preferences import Preferences
from moonlock.live.presence import Presence
from moonlock.live.quotas import Quotas
from moonlock.live.readers import Readers
from moonlock.live.rulebook import Rulebook
from moonlock.live.samples import Samples
from moonlock.live.setup import Setup
from moonlock.live.telemetry import TelemetryDoor
from moonlock.live.vault import Vault
from moonlock.model.instant import Instant
from moonlock.model.label import Relabel
from moonlock.model.shapes import HealthShape, SessionShape
from moonlock.model.wire import Snapshot


class House(Protocol):
    """Everything here is called in the event loop's thread."""

    @property
    def hub(self) -> Hub: ...

    @property
    def picture(self) -> Picture: ...

    @property
    def condition(self) -> Condition: ...

    @property
    def foresight(self) -> Foresight: ...

    @property
    def preferences(self) -> Preferences: ...

    @property
    def vault(self) -> Vault: ...

    @property
    def by_hand(self) -> ByHand: ...

    @property
    def alarms(self) -> Alarms: ...

    @property
    def readers(self) -> Readers: ...

    @property
    def rulebook(self) -> Rulebook: ...

    @property
    def channels(self) -> Channels: ...

    @property
    def presence(self) -> Presence: ...

    @property
    def samples(self) -> Samples: ...

    @property
    def telemetry(self) -> TelemetryDoor: ...

    @property
    def quotas(self) -> Quotas: ...

    @property
    def setup(self) -> Setup: ...

    def health(self) -> HealthShape: ...

    def snapshot(self, now: Instant) -> Snapshot: ...

    async def sessions(self) -> list[SessionShape]:
        """All that are known, in any order."""
        ...

    async def session(self, prefix: str) -> SessionShape | None:
        """The one whose id, the agent's own id, or name is this or begins with it; AmbiguousSession when more do."""
        ...

    async def relabel(self, prefix: str, change: Relabel) -> SessionShape | None:
        """Keep what a person says of a session; None when there is none like that, NameTaken for another's name."""
        ...
