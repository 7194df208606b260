"""A transcript line by line: read by the functions that count it, so that what is shown is what was counted."""

from __future__ import annotations

from collections.abc import Iterator

from moonlock.model.events import UsageEvent
from moonlock.model.evidence import LogLine
from moonlock.model.instant import Instant
from moonlock.model.reading import Cursor, Seen
from moonlock.sources.claude_code.batch import Gathered
from moonlock.sources.claude_code.identity import Whereabouts
from moonlock.sources.claude_code.reading import located
from moonlock.sources.claude_code.repair import Repaired, repaired
from moonlock.sources.claude_code.schema import REFUSED, Line, decode_line
from moonlock.sources.claude_code.spot import BLANK, Spot
from moonlock.sources.tailer import Stretch, Tailer


def evidence(seen: Seen) -> Iterator[LogLine]:
    """Every line of the file but the blank ones, in order; OSError when it cannot be read."""
    with Tailer(seen, Cursor()) as tailer:
        witness = _Witness(located(seen.path, tailer), tailer)
        for stretch in tailer.stretches():
            yield from witness.hear(stretch)


class _Witness:
    """One reading of one file."""

    def __init__(self, where: Whereabouts, tailer: Tailer) -> None:
        self._where = where
        self._spot = Spot(where, tailer, 0)
        self._number = 0
        self._latest: Instant = self._spot.earlier()

    def hear(self, stretch: Stretch) -> Iterator[LogLine]:
        if stretch.kind == "long":
            self._number += 1
            yield self._told(stretch.data, stretch.start, Repaired(_decoded(stretch.data), "too-long"))
            return
        whole = stretch.data[: stretch.length - 1] if stretch.kind == "lines" else stretch.data
        at = stretch.start
        for raw in whole.split(b"\n"):
            self._number += 1
            if raw.strip(BLANK):
                yield self._line(raw, at, is_tail=stretch.kind == "tail")
            elif stretch.kind == "tail" and stretch.length:
                yield LogLine(self._number, at, self._latest, pending=True)
            at += len(raw) + 1

    def _line(self, raw: bytes, at: int, *, is_tail: bool) -> LogLine:
        found = repaired(raw)
        if is_tail and (not found.lines or found.shape not in (None, "bad-number")):
            return LogLine(self._number, at, self._latest, pending=True)
        return self._told(raw, at, found)

    def _told(self, raw: bytes, at: int, found: Repaired) -> LogLine:
        self._spot.here(at, raw, found.lines)
        one = Gathered(self._where, self._spot)
        one.latest = self._latest
        one.take(found.lines)
        self._latest = one.latest
        if found.shape is None and not any(map(_has_usage, found.lines)):
            return LogLine(self._number, at, self._latest)
        counts = one.counts(1, 0, 0)
        events, _ = one.events()
        return LogLine(
            self._number,
            at,
            self._latest,
            tuple(event for event in events if isinstance(event, UsageEvent)),
            counts.records,
            counts.not_billed_lines,
            counts.not_billed_tokens,
            not (counts.records or counts.not_billed_lines) and any(map(_has_usage, found.lines)),
            found.shape,
            found.recovered if found.shape is not None else 0,
        )


def _decoded(data: bytes) -> list[Line]:
    try:
        return [decode_line(data)] if data else []
    except REFUSED:
        return []


def _has_usage(line: Line) -> bool:
    nested = line.data.message if line.data is not None else None
    messages = line.message, nested.message if nested is not None else None
    return any(message is not None and message.usage is not None for message in messages)
