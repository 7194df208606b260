"""The place in a file that is being read: for the rare line that lacks a time, or any name of its own."""

from __future__ import annotations

from collections.abc import Sequence

from moonlock.model.instant import DAY, Instant
from moonlock.sources.claude_code.identity import Whereabouts
from moonlock.sources.claude_code.repair import repaired
from moonlock.sources.claude_code.schema import Line
from moonlock.sources.claude_code.stamps import HOURS, MINUTES, moment
from moonlock.sources.tailer import Tailer

BLANK = b" \t\r\n\xef\xbb\xbf"
_LOOK_BACK = 256 * 1024


class Spot:
    """Where a batch began, and the lines at hand."""

    def __init__(self, where: Whereabouts, tailer: Tailer, start: int) -> None:
        self._where = where
        self._tailer = tailer
        self._start = start
        self._at = start
        self._data = b""
        self._lines: Sequence[Line] = ()
        self._latest = tailer.changed + DAY
        """The latest time that a line may bear: none is younger than its file's last change, give or take a day."""

    def moment(self, stamp: str | None) -> Instant | None:
        """The instant of a timestamp; None for what is no time, or had not come when the file was written."""
        at = moment(stamp)
        return at if at is None or at <= self._latest else None

    def minute(self, stamp: str | None) -> Instant:
        """When the minute begins; KeyError or TypeError for what ``moment`` has to look at."""
        begun = HOURS[stamp[:13]] + MINUTES[stamp[13:16]]  # type: ignore[index]
        if begun > self._latest:
            raise KeyError(stamp)
        return begun

    def here(self, at: int, data: bytes, lines: Sequence[Line]) -> None:
        """These lines are next."""
        self._at, self._data, self._lines = at, data, lines

    def earlier(self) -> Instant:
        """The time of the last line before this batch that has one; else that of the file's last change."""
        size = min(_LOOK_BACK, self._start)
        before = self._tailer.peek(self._start - size, size).split(b"\n") if size else []
        for raw in reversed(before[size < self._start :]):
            for line in reversed(repaired(raw).lines if raw.strip(BLANK) else []):
                if (at := self.moment(line.timestamp)) is not None:
                    return at
        return self._tailer.modified

    def name(self, line: Line) -> str:
        """A name for a line that has none: its place in its file."""
        index = next((index for index, known in enumerate(self._lines) if known is line), 0)
        offset = 0
        for _ in range(index):
            offset = self._data.find(b"\n", offset) + 1
        key = self._where.key
        return f"{key.folder}\0{key.native_id}\0{self._where.agent_id}\0{self._at + offset}"


def named(where: Whereabouts, tailer: Tailer) -> str:
    """The session that a sub-agent's file beside the sessions belongs to: the first that its lines name."""
    for raw in tailer.peek(0, _LOOK_BACK).split(b"\n"):
        for line in repaired(raw).lines if raw.strip(BLANK) else []:
            if line.session_id:
                return line.session_id
    return where.key.native_id
