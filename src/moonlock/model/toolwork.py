"""What the tool calls of one session were about: the files that it read and changed, and the commands that it ran."""

from __future__ import annotations

import msgspec

from moonlock.model.instant import Instant


class FileWork(msgspec.Struct, frozen=True):
    """A file in one session. Calls that failed neither read nor changed it."""

    path: str
    calls: int
    reads: int
    edits: int
    failed: int
    """Calls that failed or were denied."""
    added: int | None
    """Lines, as the results counted them; None where none did."""
    removed: int | None
    first_at: Instant
    last_at: Instant

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The most changed first: lines, then edits, then calls."""
        return -(self.added or 0) - (self.removed or 0), -self.edits, -self.calls, self.path


class CommandWork(msgspec.Struct, frozen=True):
    """The commands of one session that begin alike."""

    label: str
    """The first words; "" where none of them names a program."""
    runs: int
    failed: int
    denied: int
    open: int
    failed_in_row: int
    """The longest row of failures of one and the same command: no run of it in between went well."""
    repeats: int
    """Runs of a command that had run before in the session."""
    duration: int
    """Milliseconds of all runs whose end is known."""
    first_at: Instant
    last_at: Instant

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The most run first, then by failures and by time."""
        return -self.runs, -self.failed, -self.duration, self.label
