"""What is remembered of a session, put together from many files and many reads in any order."""

from __future__ import annotations

from array import array
from collections.abc import Collection

import apsw
import msgspec
from msgspec.structs import astuple

from moonlock.model.instant import Instant
from moonlock.model.session import Phase, SessionSeen, Tail, TitleSource
from moonlock.store.connection import rows
from moonlock.store.paths import readable
from moonlock.store.places import session_id

_RANKS: dict[TitleSource, int] = {"": 0, "summary": 1, "agent": 2, "custom": 3}
_SETTLED = frozenset(("prompted", "answered", "failed", "limited"))
"""Phases in which no earlier tool call can be running any more."""
_ASIDE = 1 << 60
"""Added to the age of what a sub-agent's file says: it may work in another folder, on another branch."""
_NEVER = 1 << 61


class Memory(msgspec.Struct):
    """A row of ``session``. Each ``…_at`` says how old the word before it is, so that a later read can tell."""

    id: int
    agent: str
    folder: str
    native_id: str
    title: str = ""
    title_rank: int = 0
    title_at: int = 0
    cwd: str = ""
    cwd_at: int = _NEVER
    branch: str = ""
    branch_at: int = -_NEVER
    version: str = ""
    version_at: int = -_NEVER
    first_at: Instant = 0
    last_at: Instant = 0
    tail_at: Instant = 0
    phase: Phase = ""
    limit_resets_at: Instant | None = None
    settled_at: Instant = 0
    context: int | None = None
    context_at: Instant = 0
    model: str = ""
    model_at: Instant = 0
    largest_prompt: int = 0

    def add(self, seen: SessionSeen, prompted_at: Instant) -> None:
        """Take in what one read of one file said; ``prompted_at`` is when a person last asked in it."""
        first, last = seen.first_at or 0, seen.last_at or 0
        self.first_at = min(filter(None, (self.first_at, first)), default=0)
        self.last_at = max(self.last_at, last)
        aside = _ASIDE if seen.agent_id else 0
        if seen.cwd and (first + aside, seen.cwd) < (self.cwd_at, self.cwd):
            self.cwd_at, self.cwd = first + aside, seen.cwd
        if seen.branch and (last - aside, seen.branch) > (self.branch_at, self.branch):
            self.branch_at, self.branch = last - aside, seen.branch
        if seen.version and (last - aside, seen.version) > (self.version_at, self.version):
            self.version_at, self.version = last - aside, seen.version
        if seen.agent_id:
            return
        titled = _RANKS[seen.title_source], last, seen.title
        if seen.title and titled > (self.title_rank, self.title_at, self.title):
            self.title_rank, self.title_at, self.title = titled
        self.settled_at = max(self.settled_at, prompted_at)
        if seen.tail is not None:
            self._add_tail(seen.tail)

    def join(self, other: Memory) -> None:
        """Take in what another store remembers of the same session: by the same rules."""
        self.first_at = min(filter(None, (self.first_at, other.first_at)), default=0)
        self.last_at = max(self.last_at, other.last_at)
        if other.cwd and (other.cwd_at, other.cwd) < (self.cwd_at, self.cwd):
            self.cwd_at, self.cwd = other.cwd_at, other.cwd
        if other.branch and (other.branch_at, other.branch) > (self.branch_at, self.branch):
            self.branch_at, self.branch = other.branch_at, other.branch
        if other.version and (other.version_at, other.version) > (self.version_at, self.version):
            self.version_at, self.version = other.version_at, other.version
        titled = other.title_rank, other.title_at, other.title
        if other.title and titled > (self.title_rank, self.title_at, self.title):
            self.title_rank, self.title_at, self.title = titled
        self.settled_at = max(self.settled_at, other.settled_at)
        ending = Tail(
            other.tail_at, other.phase, (), other.context, other.context_at, limit_resets_at=other.limit_resets_at
        )
        self._add_tail(ending)
        if other.model and other.model_at >= self.model_at:
            self.model_at, self.model = other.model_at, other.model
        self.largest_prompt = max(self.largest_prompt, other.largest_prompt)

    def _add_tail(self, tail: Tail) -> None:
        if tail.at >= self.tail_at:
            self.tail_at, self.phase, self.limit_resets_at = tail.at, tail.phase, tail.limit_resets_at
        if tail.phase in _SETTLED:
            self.settled_at = max(self.settled_at, tail.at)
        if tail.context is not None and tail.context_at >= self.context_at:
            self.context_at, self.context = tail.context_at, tail.context
        if tail.model and tail.at >= self.model_at:
            self.model_at, self.model = tail.at, tail.model
        self.largest_prompt = max(self.largest_prompt, tail.largest_prompt)


_COLUMNS = Memory.__struct_fields__
_CWD = _COLUMNS.index("cwd")
_UPSERT = f"insert into session values ({', '.join('?' * len(_COLUMNS))}) on conflict (id) do update set " + ", ".join(
    f"{name} = excluded.{name}" for name in _COLUMNS[1:]
)
_KNOWN = f"select {', '.join(_COLUMNS)} from session where id in carray(?)"


class Kept(msgspec.Struct):
    """What became of the sessions that were told."""

    rows: int = 0
    displaced: bool = False
    """Whether one is new, or works in another folder than was known."""
    places: set[tuple[str, str]] = set()
    """The agent's folder and the working directory of each."""


def keep(db: apsw.Connection, told: Collection[tuple[SessionSeen, Instant]]) -> Kept:
    """Remember what the reads said of their sessions."""
    if not told:
        return Kept()
    ids = [session_id(seen.key) for seen, _ in told]
    known = {row[0]: row for row in rows(db, _KNOWN, (apsw.carray(array("q", sorted(set(ids)))),))}
    memories: dict[int, Memory] = {}
    for number, (seen, prompted_at) in zip(ids, told, strict=True):
        memory = memories.get(number)
        if memory is None:
            memory = Memory(*known[number]) if number in known else _new(number, seen)
            memories[number] = memory
        memory.add(_cleaned(seen), prompted_at)
    changed = [row for number, memory in memories.items() if (row := astuple(memory)) != known.get(number)]
    db.executemany(_UPSERT, changed)
    displaced = any(row[0] not in known or known[row[0]][_CWD] != row[_CWD] for row in changed)
    return Kept(len(changed), displaced, {(memory.folder, memory.cwd) for memory in memories.values()})


def join(db: apsw.Connection, other: Memory) -> bool:
    """Remember what another store does of one session; whether this one did not know the session."""
    found = rows(db, _KNOWN, (apsw.carray(array("q", [other.id])),))
    memory = Memory(*found[0]) if found else Memory(other.id, other.agent, other.folder, other.native_id)
    memory.join(other)
    if not found or astuple(memory) != found[0]:
        db.execute(_UPSERT, astuple(memory))
    return not found


def _new(number: int, seen: SessionSeen) -> Memory:
    return Memory(number, readable(seen.key.agent), readable(seen.key.folder), readable(seen.key.native_id))


def _cleaned(seen: SessionSeen) -> SessionSeen:
    words = seen.title, seen.cwd, seen.branch, seen.version
    if all(map(str.isascii, words)):
        return seen
    title, cwd, branch, version = map(readable, words)
    return msgspec.structs.replace(seen, title=title, cwd=cwd, branch=branch, version=version)
