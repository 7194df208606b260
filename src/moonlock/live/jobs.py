"""Files that have something new, and the batches that come of reading them: what all who read share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from moonlock.model.health import Finding
from moonlock.model.reading import Batch, Cursor, Seen
from moonlock.sources.base import Source

LIMIT = 8 << 20
GROUP_BYTES, GROUP_EVENTS = 8 << 20, 5_000
"""Batches are handed on together once they hold so much: a bound on memory."""


class Job(msgspec.Struct, frozen=True, array_like=True):
    """A file that has something new."""

    source: str
    seen: Seen
    cursor: Cursor

    @property
    def bytes(self) -> int:
        """About how much is new."""
        same = (self.seen.device, self.seen.inode) == (self.cursor.device, self.cursor.inode)
        return self.seen.size - (self.cursor.offset if same and self.seen.size >= self.cursor.offset else 0)


class Group(msgspec.Struct, frozen=True, array_like=True):
    """Batches that belong in one transaction; ``files`` were finished with them."""

    batches: list[Batch]
    files: int
    bytes: int
    troubles: list[Finding] = []

    @property
    def events(self) -> int:
        return sum(len(batch.events) for batch in self.batches)


def read_jobs(jobs: Iterable[Job], sources: Iterable[Source]) -> Iterator[Group]:
    """Read files one after the other; one that cannot be read is reported and left for the next time."""
    by_name = {source.name: source for source in sources}
    batches: list[Batch] = []
    troubles: list[Finding] = []
    files = size = events = 0
    for job in jobs:
        try:
            for batch in by_name[job.source].read(job.seen, job.cursor, LIMIT):
                batches.append(batch)
                events += len(batch.events)
                if events >= GROUP_EVENTS:
                    yield Group(batches, files, size, troubles)
                    batches, troubles, files, size, events = [], [], 0, 0, 0
        except OSError as error:
            troubles.append(unreadable(job.seen.path, error))
        files += 1
        size += job.bytes
        if size >= GROUP_BYTES:
            yield Group(batches, files, size, troubles)
            batches, troubles, files, size, events = [], [], 0, 0, 0
    if files:
        yield Group(batches, files, size, troubles)


def unreadable(path: str, error: OSError) -> Finding:
    return Finding("unreadable", f"{path}: {error.strerror or error}", "Check its permissions; it is tried again.")
