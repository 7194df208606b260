"""What is done with files and the store: all of it in one thread, because the store has one connection that writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from moonlock.live import clock, log
from moonlock.live.catchup import Backlog, gathered, pending, read_backlog, remember
from moonlock.live.jobs import GROUP_EVENTS, Group, Job, read_jobs
from moonlock.model.gain import Gain
from moonlock.model.health import Finding
from moonlock.model.packing import unpacked
from moonlock.model.reading import Seen
from moonlock.sources.base import Source, look
from moonlock.store import Store


class Heard(msgspec.Struct, frozen=True):
    """What reading brought; ``files`` and ``bytes`` only where a backlog is worked off."""

    gains: list[Gain]
    troubles: list[Finding]
    files: int = 0
    bytes: int = 0
    hurt: bool = False
    """A file went, began again, or has damage: there is something new to say of the logs."""


class Writer:
    """Reads on and remembers. A file that changes now is ahead of its place in the backlog."""

    def __init__(self, store: Store, sources: Sequence[Source]) -> None:
        self._store, self._sources = store, sources
        self._names: dict[tuple[int, int], str] = {}
        self._ahead: set[str] = set()
        self._told_gone: frozenset[str] | None = None
        self._groups: Iterator[Group] = iter(())
        self._to_remember: tuple[Mapping[str, str], Path] | None = None
        self._has_remembered = False

    def read_on(self, paths: Iterable[str]) -> Heard:
        """Read what files have gained, and remember it."""
        named = {path: self._seen(path) for path in sorted(paths)}
        there = {seen.path: seen for seen in named.values() if seen is not None}
        jobs = [
            Job(source.name, seen, self._store.cursor(path))
            for path, seen in there.items()
            for source in self._of(path)
        ]
        groups = gathered(read_jobs(jobs, self._sources), GROUP_EVENTS)
        gains, troubles, hurt = [], list[Finding](), False
        for group in groups:
            gains.append(self._store.append(group.batches))
            log.appended(group.batches)
            troubles += group.troubles
            hurt = hurt or any(batch.damage or batch.restarted for batch in group.batches)
        self._ahead |= there.keys()
        if gone := [path for path, seen in named.items() if seen is None]:
            self._store.gone(gone)
        return Heard(gains, troubles, hurt=hurt or bool(gone))

    def look_around(self, env: Mapping[str, str], home: Path) -> Backlog:
        """Find everything that is new, and begin to read it with ``go_on``."""
        self.stop()
        cursors = self._store.cursors()
        backlog = pending(self._sources, cursors, env, home)
        self._names = {(each.device, each.inode): path for path, each in cursors.items()}
        self._names |= {(job.seen.device, job.seen.inode): job.seen.path for job in backlog.jobs}
        gone = frozenset(backlog.gone)
        if gone != self._told_gone:
            self._store.absent(sorted(gone))
        self._told_gone = gone
        self._ahead.clear()
        self._to_remember = None if self._has_remembered else (env, home)
        self._groups = gathered(read_backlog(backlog, self._sources), GROUP_EVENTS)
        return backlog

    def go_on(self, quiet: bool) -> Heard | None:
        """The next part of the backlog, read and remembered; None at its end."""
        group = next(self._groups, None)
        if group is None:
            self._remember()
            return None
        batches = [unpacked(batch) for batch in group.batches if batch.path not in self._ahead]
        gain = self._store.append(batches, quiet)
        log.appended(batches)
        return Heard([] if quiet else [gain], group.troubles, group.files, group.bytes)

    def stop(self) -> None:
        """Leave the backlog; what was not remembered is found again by the next look around."""
        close = getattr(self._groups, "close", None)
        if close is not None:
            close()
        self._groups = iter(())

    def _remember(self) -> None:
        """Once all logs were read it is known which days they lack: what agents' statistics tell of those is kept."""
        if self._to_remember is not None:
            remember(self._store, self._sources, self._to_remember, clock.now())
            self._to_remember, self._has_remembered = None, True

    def _of(self, path: str) -> list[Source]:
        """The source that claims the file."""
        return [source for source in self._sources if source.claims(path)][:1]

    def _seen(self, path: str) -> Seen | None:
        """The file under the name by which it is known: it may have several."""
        seen = look(path)
        if seen is None:
            return None
        identity = (seen.device, seen.inode)
        name = self._names.setdefault(identity, path)
        if name == path:
            return seen
        known = look(name)
        if known is not None and (known.device, known.inode) == identity:
            return known
        self._names[identity] = path
        return seen
