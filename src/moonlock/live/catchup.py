"""What was written while nobody watched: found by one walk, read newest first, by several processes when it is much."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import msgspec

from moonlock.live.jobs import Group, Job, read_jobs
from moonlock.model.health import Finding
from moonlock.model.instant import Instant
from moonlock.model.reading import Cursor, Seen
from moonlock.sources.base import Historian, Source, walk
from moonlock.store import Store

MUCH = 50 << 20
"""Bytes from which several processes are quicker than one."""
NEWS = 1 << 20
"""Bytes up to which a backlog is told event by event; beyond, only the picture changes."""
AT_ONCE = 5_000
"""Events that the store sorts and keeps at once when nobody waits."""
TRANSACTION = 200_000
"""Events of one transaction when nobody waits. Keys are scattered over all pages of the store, and each transaction
writes every page that it touched: eight of them cost 60 ms more for a GB than one."""


class Searched(msgspec.Struct, frozen=True):
    """A folder that was searched for logs of an agent."""

    agent: str
    path: str
    found: bool
    files: int


class Backlog(msgspec.Struct, frozen=True):
    """Everything that is to be read, newest first, and what the walk saw on its way."""

    jobs: tuple[Job, ...]
    bytes: int
    gone: tuple[str, ...]
    places: tuple[Searched, ...]
    troubles: tuple[Finding, ...]

    @property
    def much(self) -> bool:
        """Whether it is history rather than news."""
        return self.bytes > NEWS


class SyncReport(msgspec.Struct, frozen=True):
    """What a sync did."""

    files: int
    bytes: int
    rows: int
    gone: int
    places: tuple[Searched, ...]
    troubles: tuple[Finding, ...]


Progress = Callable[[int, int, Backlog], None]
"""Files read, bytes read, of this backlog."""


def pending(sources: Iterable[Source], cursors: Mapping[str, Cursor], env: Mapping[str, str], home: Path) -> Backlog:
    """Compare what is there with what was read: an unchanged file costs a look at its size and time."""
    jobs: list[Job] = []
    places: list[Searched] = []
    troubles: list[Finding] = []
    there: set[str] = set()
    for source in sources:
        seen = walk(source.roots(env, home), source.claims)
        troubles += seen.troubles
        places += [Searched(source.name, place.path, place.found, place.files) for place in seen.places]
        for file in seen.found:
            there.add(file.path)
            cursor = cursors.get(file.path)
            if cursor is None or _changed(file, cursor):
                jobs.append(Job(source.name, file, cursor or Cursor()))
    jobs.sort(key=lambda job: job.seen.modified, reverse=True)
    gone = tuple(path for path in cursors if path not in there)
    return Backlog(tuple(jobs), sum(job.bytes for job in jobs), gone, tuple(places), tuple(troubles))


def remember(store: Store, sources: Iterable[Source], around: tuple[Mapping[str, str], Path], now: Instant) -> int:
    """Keep what agents' own statistics tell of days before the first log; how many of them were new."""
    env, home = around
    told = [source.history(env, home) for source in sources if isinstance(source, Historian)]
    return store.seed([seed for one in told for seed in one.seeds], now)


def read_backlog(backlog: Backlog, sources: Sequence[Source], much: int = MUCH) -> Iterator[Group]:
    """The backlog in groups. Closing the iterator ends every process that still reads."""
    if backlog.bytes < much or sys.platform == "win32":  # whose pipes cannot be waited for together
        return read_jobs(backlog.jobs, sources)
    from moonlock.live.workers import read_parallel

    return read_parallel(backlog.jobs, sources)


def gathered(groups: Iterator[Group], events: int) -> Iterator[Group]:
    """Larger groups: of at least so many events, but for the last one."""
    waiting: list[Group] = []
    held = 0
    for group in groups:
        waiting.append(group)
        held += group.events
        if held >= events:
            yield _together(waiting)
            waiting, held = [], 0
    if waiting:
        yield _together(waiting)


def sync(
    store: Store, sources: Sequence[Source], env: Mapping[str, str], home: Path, progress: Progress | None = None
) -> SyncReport:
    """Read everything that is new into the store; a second time there is nothing to do."""
    backlog = pending(sources, store.cursors(), env, home)
    report = keep(store, backlog, sources, progress)
    return msgspec.structs.replace(report, gone=store.absent(backlog.gone))


def keep(store: Store, backlog: Backlog, sources: Sequence[Source], progress: Progress | None = None) -> SyncReport:
    """Read a backlog into the store, quietly and in few transactions."""
    files = size = rows = 0
    troubles = list(backlog.troubles)
    groups = read_backlog(backlog, sources)
    if progress is not None:
        groups = _told(groups, progress, backlog)
    for group, added in _kept(store, gathered(groups, AT_ONCE)):
        rows += added
        files, size = files + group.files, size + group.bytes
        troubles += group.troubles
    return SyncReport(files, size, rows, 0, backlog.places, tuple(troubles))


def _told(groups: Iterator[Group], progress: Progress, backlog: Backlog) -> Iterator[Group]:
    """The groups, telling of each when it was read: so the speed is that of reading, from the first moment on."""
    files = size = 0
    progress(files, size, backlog)
    for group in groups:
        files, size = files + group.files, size + group.bytes
        progress(files, size, backlog)
        yield group


def _kept(store: Store, groups: Iterator[Group]) -> Iterator[tuple[Group, int]]:
    """Append groups, many to a transaction; each with the number of rows that it brought."""
    for first in groups:
        held = 0
        with store.together() as append:
            for group in chain((first,), groups):
                yield group, append(group.batches)
                held += group.events
                if held >= TRANSACTION:
                    break


def _together(groups: Sequence[Group]) -> Group:
    return Group(
        [batch for group in groups for batch in group.batches],
        sum(group.files for group in groups),
        sum(group.bytes for group in groups),
        [trouble for group in groups for trouble in group.troubles],
    )


def _changed(seen: Seen, cursor: Cursor) -> bool:
    now = (seen.device, seen.inode, seen.size, seen.modified)
    return now != (cursor.device, cursor.inode, cursor.size, cursor.modified)
