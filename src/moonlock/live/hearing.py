"""The logs are heard again, line by line: which of them speak of the requests in question, and what they say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from moonlock.live.explained import GONE, UNREADABLE, UNSHOWN, Heard, Noted, Place, Scope
from moonlock.model.events import UsageEvent
from moonlock.model.evidence import LogLine
from moonlock.model.reading import Shape
from moonlock.sources.base import Source, Witness, look
from moonlock.store.evidence import LogFile

WRONG: dict[Shape, str] = {
    "not-json": "not JSON",
    "cut": "cut off",
    "nul": "NUL bytes",
    "too-long": "longer than 8 MiB",
    "bad-number": "a number that makes no sense",
    "foreign": "not a line of this agent",
}
CLIENT, ZEROS, UNFINISHED = "written by the client", "all counts are zero", "unfinished"


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """A request, as one line tells it."""

    file: LogFile
    line: int
    event: UsageEvent
    attempt: bool
    """A further billed attempt: the line is the record of another request (rule C8)."""

    @property
    def place(self) -> Place:
        return Place(self.file.path, self.line)


class Wanted(msgspec.Struct, frozen=True):
    """The requests in question by key; ``united`` leads from other names of a request to its key (rule D3)."""

    keys: Collection[int]
    elsewhere: Collection[int]
    """Requests that are known and not in question."""
    united: Mapping[int, int]


class Hearing:
    """All that some files say; each real file is heard once."""

    def __init__(self, scope: Scope, wanted: Wanted, sources: Iterable[Source]) -> None:
        self.heard = Heard()
        self.sightings: dict[int, list[Sighting]] = {}
        self.silent: dict[int, str] = {}
        """Files that say nothing, by number, and why."""
        self._scope = scope
        self._wanted = wanted
        self._witnesses = {source.name: source for source in sources if isinstance(source, Witness)}
        self._met: set[tuple[int, int]] = set()

    def hear(self, file: LogFile) -> None:
        """The lines of one file."""
        seen, witness = look(file.path), self._witnesses.get(file.source)
        if seen is None or witness is None:
            self.silent[file.number] = GONE if seen is None else UNSHOWN
        elif (seen.device, seen.inode) not in self._met:
            self._met.add((seen.device, seen.inode))
            counted = file.size if seen.size == file.size else file.read_to
            try:
                for line in witness.evidence(seen):
                    self._take(file, line, counted)
                self.heard.files += 1
            except OSError:
                self.silent[file.number] = UNREADABLE

    def _take(self, file: LogFile, line: LogLine, counted: int) -> None:
        """What begins behind the counted bytes is newer than the store, unless that knows it."""
        self.heard.lines += 1
        told = [(self._wanted.united.get(event.key, event.key), event) for event in line.requests]
        if line.offset >= counted and not line.pending and not any(map(self._is_known, told)):
            self.heard.newer += 1
            return
        self._record(file, line, told)
        if line.shape or line.not_billed or line.zeros or line.pending:
            self._note(file, line)

    def _is_known(self, told: tuple[int, UsageEvent]) -> bool:
        return told[0] in self._wanted.keys or told[0] in self._wanted.elsewhere

    def _record(self, file: LogFile, line: LogLine, told: list[tuple[int, UsageEvent]]) -> None:
        again = max(0, line.records - len(told))  # copies that were glued together on one line
        for index, (key, event) in enumerate([*told, *told[:1] * again]):
            if key in self._wanted.keys:
                attempt = line.records == 1 and index < len(told) - 1
                self.sightings.setdefault(key, []).append(Sighting(file, line.number, event, attempt))
                self.heard.records += not attempt
        if self._scope.kind == "total" and not all(map(self._is_known, told)):
            self.heard.unknown.append(Place(file.path, line.number))

    def _note(self, file: LogFile, line: LogLine) -> None:
        """What counts for nothing has no key: it is part of the number if it stands in its time, or in its session."""
        scope, heard = self._scope, self.heard
        inside = file.session == scope.session if scope.session else scope.start <= line.at < scope.end
        if not inside:
            return
        place = Place(file.path, line.number)
        if line.pending:
            heard.pending.append(Noted(place, UNFINISHED))
        if line.not_billed:
            heard.not_billed.append(Noted(place, CLIENT, line.not_billed_tokens))
        if line.zeros:
            heard.not_billed.append(Noted(place, ZEROS))
        if line.shape is not None:
            (heard.repaired if line.recovered else heard.skipped).append(Noted(place, WRONG[line.shape]))
