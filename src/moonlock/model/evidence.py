"""What one line of a log tells: the witness that `moonlock explain` calls for a number."""

from __future__ import annotations

import msgspec

from moonlock.model.events import UsageEvent
from moonlock.model.instant import Instant
from moonlock.model.reading import Shape


class LogLine(msgspec.Struct, frozen=True, gc=False):
    """A line that is not blank, and what reading makes of it."""

    number: int
    """Counted from 1, as an editor counts."""
    offset: int
    at: Instant
    """Its time, or that of the line before; where no line had one so far, that of the file's last change."""
    requests: tuple[UsageEvent, ...] = ()
    """What it says of each request; the last is the response's own, those before are its further attempts (rule C8)."""
    records: int = 0
    """Records in it that carry usage: one, but for lines that were glued together."""
    not_billed: int = 0
    """Records in it that the client wrote itself (rule S4)."""
    not_billed_tokens: int = 0
    zeros: bool = False
    """It has counts, and all of them are zero (rule S5)."""
    shape: Shape | None = None
    """What was wrong with it."""
    recovered: int = 0
    """Records in it that count in full, if something was wrong; with none the line was skipped."""
    pending: bool = False
    """It is unfinished, and waits for its end (rule F5)."""
