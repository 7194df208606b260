"""A number and everything behind it: the nouns of `moonlock explain`. What cannot be shown is said to be missing."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.analytics.costing import Bill
from moonlock.model.events import UsageEvent
from moonlock.model.instant import Instant
from moonlock.model.tokens import Usage

GONE, UNREADABLE, UNSHOWN = "the log is gone", "the log cannot be read", "logs of this agent cannot be shown"
CHANGED, LESS = "the line is no longer in its log", "its fullest line is no longer there"
"""Why a request cannot be shown, or not in full."""
Kind = Literal["day", "session", "block", "total"]


class Scope(msgspec.Struct, frozen=True):
    """Which number is asked about."""

    kind: Kind
    key: str
    """As reports name it: the day, the session's uid, the block's start; ``all``."""
    start: Instant
    end: Instant
    """Exclusive."""
    reported: Usage
    """What the report says."""
    session: str = ""
    """The uid, if the number is a session's."""
    name: str = ""
    """What people call it."""


class Place(msgspec.Struct, frozen=True, order=True):
    """A line of a file."""

    file: str
    line: int


class Record(msgspec.Struct, frozen=True):
    """A request that counts, at the line that tells most of it."""

    place: Place
    event: UsageEvent
    model: str
    cost: int | None
    session: str
    bill: Bill | None
    """What the table says it costs; ``cost`` is what the client recorded, if it did (rule C1)."""
    values_from: tuple[Place, ...] = ()
    """Where the largest counts stand, if not all of them stand on that line (rule D2)."""

    @property
    def is_explained(self) -> bool:
        """Whether the cost is the recorded one, else that of the bill."""
        listed = self.bill.cost if self.bill is not None else None
        return self.cost == (listed if self.event.recorded is None else self.event.recorded)

    @property
    def is_doubtful(self) -> bool:
        """The client recorded nothing for what has a price: counted so, and pointed at (rule C1)."""
        return self.event.recorded == 0 and self.bill is not None and self.bill.cost > 0


class Merged(msgspec.Struct, frozen=True):
    """Lines that tell again what another one tells."""

    kept: Place | None
    """None where no log has that line any more."""
    dropped: tuple[Place, ...]
    reason: str


class Noted(msgspec.Struct, frozen=True):
    """A line that counts for nothing, or only in part."""

    place: Place
    reason: str
    tokens: int = 0
    """What it claims."""


class Missing(msgspec.Struct, frozen=True):
    """Requests that the store remembers and the logs no longer show."""

    file: str
    requests: int
    tokens: int
    reason: str


class Unpriced(msgspec.Struct, frozen=True):
    """Requests of a model without a known price."""

    model: str
    requests: int
    tokens: int


class Heard(msgspec.Struct):
    """What the lines said but for the requests themselves."""

    files: int = 0
    lines: int = 0
    records: int = 0
    """Records of the requests in question."""
    skipped: list[Noted] = []
    repaired: list[Noted] = []
    not_billed: list[Noted] = []
    pending: list[Noted] = []
    unknown: list[Place] = []
    """Lines with usage that the store does not have: this must not be."""
    newer: int = 0
    """Lines that were written since the store was brought up to date."""


class Explanation(msgspec.Struct, frozen=True):
    """The records behind a number, and what became of every other line."""

    scope: Scope
    usage: Usage
    """What the requests add up to, shown or missing."""
    aside: Usage
    """The part of the sub-agents."""
    sessions: int
    records: tuple[Record, ...]
    attempts: int
    """Further billed attempts that stand on the line of another record (rule C8)."""
    merged: tuple[Merged, ...]
    missing: tuple[Missing, ...]
    unpriced: tuple[Unpriced, ...]
    heard: Heard

    @property
    def dropped(self) -> int:
        """Records that were merged into others."""
        return sum(len(merged.dropped) for merged in self.merged)

    @property
    def adds_up(self) -> bool:
        """Whether the records are the reported number, the lines are those records, and the prices their cost."""
        shown = self.heard.records - self.dropped + self.attempts
        return (
            self.usage == self.scope.reported
            and shown == len(self.records)
            and not self.heard.unknown
            and all(record.is_explained for record in self.records)
        )

    def marked(self, mark: int) -> int:
        """How many of the records have a mark."""
        return sum(record.event.marks & mark > 0 for record in self.records)
