"""From a file to batches: stretches are decoded whole, and line by line where something is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from moonlock.model.reading import Batch, Counts, Cursor, Damage, Seen
from moonlock.sources.claude_code.batch import Gathered
from moonlock.sources.claude_code.identity import AGENT, Whereabouts, whereabouts
from moonlock.sources.claude_code.repair import Repaired, repaired
from moonlock.sources.claude_code.schema import REFUSED, decode_line, decode_lines
from moonlock.sources.claude_code.spot import BLANK, Spot, named
from moonlock.sources.tailer import Stretch, Tailer

_DAMAGES = 100
"""Stretches of damage told apart in one batch; the last one is widened over all that follow."""
_OPENS, _CLOSES = b"{}"


def read(seen: Seen, cursor: Cursor, limit: int) -> Iterator[Batch]:
    """What is new in a transcript; nothing when nothing is."""
    with Tailer(seen, cursor) as tailer:
        if tailer.unchanged:
            return
        reading = _Reading(seen.path, tailer)
        for stretch in tailer.stretches():
            reading.take(stretch)
            if reading.at - reading.start >= limit:
                yield reading.batch(finished=reading.at == tailer.size)
                reading = reading.next()
        if reading.fresh:
            yield reading.batch(finished=True)


class _Reading:
    """One batch in the making."""

    def __init__(self, path: str, tailer: Tailer, before: _Reading | None = None) -> None:
        self.path = path
        self.tailer = tailer
        self.start: int = before.at if before else tailer.start
        self.at: int = self.start
        self.where: Whereabouts = before.where if before else located(path, tailer)
        self.spot = Spot(self.where, tailer, self.start)
        self.gathered = Gathered(self.where, self.spot)
        self.gathered.latest = before.gathered.latest if before else 0
        self.restarted = tailer.restarted if before is None else ""
        self.lines = self.skipped = self.repaired = 0
        self.damage: list[Damage] = []
        self.tail: Counts | None = None
        self.pending = False
        self.fresh = before is None
        """Whether there is anything to tell: a first batch always moves the cursor."""

    def next(self) -> _Reading:
        return _Reading(self.path, self.tailer, self)

    def take(self, stretch: Stretch) -> None:
        self.fresh = True
        if stretch.kind == "tail":
            self._tail(stretch)
            return
        if stretch.kind == "long":
            self._long(stretch)
        else:
            self._whole(stretch)
        self.tailer.passed(stretch)
        self.at = stretch.start + stretch.length

    def batch(self, *, finished: bool) -> Batch:
        events, session = self.gathered.events()
        counts = self.gathered.counts(self.lines, self.skipped, self.repaired)
        tail = self.tail or Counts()
        return Batch(
            self.path,
            AGENT,
            self.tailer.cursor(self.at, finished=finished),
            session,
            events,
            _without(counts, tail),
            tail,
            self.pending,
            tuple(self._damage()),
            self.restarted,
            self.tailer.born,
        )

    def _whole(self, stretch: Stretch) -> None:
        """Usually one call of the decoder; it does not mind newlines, so lines are counted besides."""
        data = stretch.data
        try:
            lines = decode_lines(memoryview(data)[: stretch.length])
        except REFUSED:
            lines = []
        if len(lines) != _records(data, stretch.length):
            self._one_by_one(stretch)
            return
        self.lines += len(lines)
        self.spot.here(stretch.start, data, lines)
        self.gathered.take(lines)
        self.spot.here(self.at, b"", ())  # the next lines find the memory of these still warm

    def _one_by_one(self, stretch: Stretch) -> None:
        at = stretch.start
        for raw in stretch.data[: stretch.length - 1].split(b"\n"):
            if raw.strip(BLANK):
                self._line(raw, at)
            at += len(raw) + 1

    def _line(self, raw: bytes, at: int, *, whole: Repaired | None = None) -> None:
        found = whole or repaired(raw)
        self.lines += 1
        if found.shape is not None:
            self._hurt(Damage(at, len(raw), found.shape, found.recovered))
        self.spot.here(at, raw, found.lines)
        self.gathered.take(found.lines)

    def _hurt(self, damage: Damage) -> None:
        self.skipped += not damage.recovered
        self.repaired += bool(damage.recovered)
        self.damage.append(damage)

    def _long(self, stretch: Stretch) -> None:
        """Reported in any case; only the typed decoder may try it, because it builds nothing but what is needed."""
        try:
            lines = [decode_line(stretch.data)] if stretch.data else []
        except REFUSED:
            lines = []
        self._line(b"", stretch.start, whole=Repaired(lines, None))
        self._hurt(Damage(stretch.start, stretch.length, "too-long", len(lines)))

    def _tail(self, stretch: Stretch) -> None:
        """A last line without newline counts when it is whole, but it is read again: the cursor stays before it."""
        found = repaired(stretch.data) if stretch.data.strip(BLANK) else None
        if found is None or not found.lines or found.shape not in (None, "bad-number"):
            self.pending = True
            return
        before = self.gathered.counts(self.lines, self.skipped, self.repaired)
        self._line(stretch.data, stretch.start, whole=found)
        self.tail = _without(self.gathered.counts(self.lines, self.skipped, self.repaired), before)

    def _damage(self) -> list[Damage]:
        """A file of another kind is one damage, not one a line."""
        hurt = self.damage
        if self.skipped == self.lines >= 3 and not self.start and all(bad.shape != "bad-number" for bad in hurt):
            return [Damage(self.start, self.at - self.start, "foreign")]
        if len(hurt) > _DAMAGES:
            last, rest = hurt[_DAMAGES - 1], hurt[_DAMAGES:]
            length = rest[-1].offset + rest[-1].length - last.offset
            recovered = last.recovered + sum(damage.recovered for damage in rest)
            hurt = [*hurt[: _DAMAGES - 1], Damage(last.offset, length, last.shape, recovered)]
        return hurt


def _records(data: bytes, end: int) -> int:
    """How many lines there are; -1 when one may be blank or a part of a record, and so hide two records on another.

    Between } and { no record can go on. Quicker than ``bytes.count``, which looks at each byte by itself: lines are
    long.
    """
    if data[0] != _OPENS:
        return -1
    count, at, last = 1, data.find(b"\n", 0, end), end - 1
    while at < last:
        if data[at + 1] != _OPENS or (data[at - 1] != _CLOSES and data[at - 2 : at] != b"}\r"):
            return -1
        count += 1
        at = data.find(b"\n", at + 1, end)
    return count


def located(path: str, tailer: Tailer) -> Whereabouts:
    """Whose transcript it is: by its path, and by its lines where the path does not say."""
    where = whereabouts(path)
    if where.flat:
        return replace(where, key=replace(where.key, native_id=named(where, tailer)))
    return where


def _without(counts: Counts, part: Counts) -> Counts:
    names = Counts.__struct_fields__
    return Counts(*[getattr(counts, name) - getattr(part, name) for name in names])
