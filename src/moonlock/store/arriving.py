"""Lines of another store are taken in by the ways that logs come in: what both know is merged and counts once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import apsw
import msgspec

from moonlock.model.events import ToolCall, ToolEnded, UsageEvent
from moonlock.model.instant import Instant
from moonlock.model.instant import instant as instant_of
from moonlock.model.portable import (
    AnyLine,
    ChainLine,
    CheckpointLine,
    EventLine,
    FileLine,
    HandLine,
    Imported,
    LabelLine,
    PostingLine,
    RequestLine,
    SeedLine,
    SessionLine,
    ToolEndLine,
    ToolLine,
    camel,
)
from moonlock.model.reading import Counts, Cursor
from moonlock.model.seeds import Seed
from moonlock.model.tokens import Tokens
from moonlock.store import facts, files, memory, requests, rollups, seeds, tools
from moonlock.store.carried import HandsArriving
from moonlock.store.chains import Chains
from moonlock.store.connection import rows, transaction
from moonlock.store.errors import UnfitImport
from moonlock.store.grouped import Grouped
from moonlock.store.newer import take_label
from moonlock.store.paths import readable
from moonlock.store.places import Place, signed
from moonlock.store.pricing import Price

_AT_ONCE = 5_000
"""Lines that are merged together: a bound on memory."""
_MESSAGE = 12
"""Digits of a request's key that name its message."""
_COUNTS = len(Counts.__struct_fields__)
_HAD = """
select (select count(*) from session), (select count(*) from request), (select count(*) from tool),
    (select count(*) from event), (select count(*) from hand), (select count(*) from posting),
    (select count(*) from checkpoint)
"""
_COUNTED = ("sessions", "requests", "tools", "events", "hands", "postings", "checkpoints")
_UNSIGNED, _SIGNED = range(1 << 64), range(-(1 << 63), 1 << 63)
_CURSOR = (_UNSIGNED,) * 5 + (_SIGNED, _UNSIGNED, _SIGNED)


def take_in(grouped: Grouped, lines: Iterable[tuple[int, AnyLine]], price: Price, now: Instant) -> Imported:
    """Keep all lines or, with ``UnfitImport``, none. What is here already stays as it is where it says more."""
    db = grouped.db
    with transaction(db, durable=True):
        before = rows(db, _HAD)[0]
        arrival = Arrival(db, price)
        counts: dict[str, int] = {}
        for number, line in lines:
            kind = str(line.__struct_config__.tag)
            counts[kind] = counts.get(kind, 0) + 1
            try:
                arrival.add(line)
            except (ValueError, KeyError, OverflowError) as wrong:
                raise UnfitImport(number, "says something that cannot be") from wrong
        arrival.end(now)
        grouped.heard(True, set())
        new = dict(zip(_COUNTED, map(int.__sub__, rows(db, _HAD)[0], before), strict=True))
    return Imported(counts, **new, labels=arrival.labels, names_left_out=tuple(arrival.names_left_out))


class Arrival:
    """One import. Files and sessions are kept as they come, what names them a few thousand lines at a time."""

    def __init__(self, db: apsw.Connection, price: Price) -> None:
        self._db, self._price = db, price
        self._sessions: set[int] = set()
        self._files: dict[int, files.Known] = {}
        self._places: dict[tuple[int, int], Place] = {}
        self._requests: dict[Place, list[UsageEvent]] = {}
        self._calls: dict[Place, list[ToolCall]] = {}
        self._ends: list[ToolEnded] = []
        self._facts: list[facts.HappeningSeen] = []
        self._lives: list[tuple[Instant, Instant, tuple[int, str, str]]] = []
        self._seeds: list[Seed] = []
        self._waiting = 0
        self._message = ""
        self.labels = 0
        self.names_left_out: list[str] = []
        hands = HandsArriving(db)
        self._ways: dict[type[AnyLine], Callable[..., None]] = {
            SessionLine: self._session,
            FileLine: self._file,
            ChainLine: self._chain,
            RequestLine: self._request,
            ToolLine: self._tool,
            ToolEndLine: self._tool_end,
            EventLine: self._event,
            LabelLine: self._label,
            SeedLine: self._seed,
            HandLine: hands.hand,
            PostingLine: hands.posting,
            CheckpointLine: hands.checkpoint,
        }

    def add(self, line: AnyLine) -> None:
        """Take the line in; ValueError, KeyError or OverflowError when it cannot be kept."""
        message = line.key[:_MESSAGE] if isinstance(line, RequestLine) else ""
        if self._waiting >= _AT_ONCE and not (message and message == self._message):
            self._save()  # never between two requests of one message: one of them may prove the other a replay
        self._message = message
        self._ways[type(line)](line)
        self._waiting += 1

    def end(self, now: Instant) -> None:
        """Keep what still waits; days before the first log at last, when it is known which day that is."""
        self._save()
        seeds.keep(self._db, self._seeds, now)

    def _session(self, line: SessionLine) -> None:
        rank, title_at, cwd_at, branch_at, version_at = line.ages or (1, *(_ms(line.last_at),) * 4)
        told = memory.Memory(
            id=_number(line.id),
            agent=readable(line.agent),
            folder=readable(line.folder),
            native_id=readable(line.native_id),
            title=readable(line.title),
            title_rank=rank,
            title_at=title_at,
            cwd=readable(line.cwd),
            cwd_at=cwd_at,
            branch=readable(line.branch),
            branch_at=branch_at,
            version=readable(line.version),
            version_at=version_at,
            first_at=_ms(line.first_at),
            last_at=_ms(line.last_at),
            tail_at=_ms(line.tail_at),
            phase=line.phase,
            limit_resets_at=_ms(line.limit_resets_at) or None,
            settled_at=_ms(line.settled_at),
            context=line.context,
            context_at=_ms(line.context_at),
            model=readable(line.model),
            model_at=_ms(line.model_at),
            largest_prompt=line.largest_prompt,
        )
        memory.join(self._db, told)
        self._sessions.add(told.id)

    def _file(self, line: FileLine) -> None:
        """A log that is known here is known better: how far it was read stays as it is."""
        path, cursor = readable(line.path), _cursor(line.cursor) if line.cursor else Cursor()
        known = files.named(self._db, [path])[path]
        if known.row is None:
            known.source, known.session = readable(line.source), _number(line.session)  # without a line: no session
            known.born, known.gone, known.pending = _ms(line.born), line.gone, line.tail_pending
            known.cursor = cursor
            known.counts, known.tail_counts = _counts(line.counts), _counts(line.tail_counts)
            known.damage = [(known.id, 0, *place) for place in line.damage]
            files.save(self._db, [known])
        self._files[line.id] = known

    def _chain(self, line: ChainLine) -> None:
        whose = self._whose(line.session), readable(line.agent_id), readable(line.branch)
        self._lives.append((_ms(line.first_at), _ms(line.last_at), whose))

    def _request(self, line: RequestLine) -> None:
        at = _ms(line.at)
        event = UsageEvent(
            key=_number(line.key),
            at=at,
            last_at=max(at, _ms(line.last_at)),
            model=readable(line.model),
            tokens=Tokens(line.input, line.output, line.cache_write_5m, line.cache_write_1h, line.cache_read),
            marks=line.marks,
            searches=line.searches,
            recorded=None if line.recorded_usd is None else round(line.recorded_usd * 1_000_000),
            sidechain=line.sidechain,
            agent_id=readable(line.agent_id),
            aliases=tuple(map(_number, line.aliases)),
            branch=readable(line.branch),
            skill=readable(line.skill),
        )
        self._requests.setdefault(self._place(line.file, line.session), []).append(event)

    def _tool(self, line: ToolLine) -> None:
        event = ToolCall(
            key=_number(line.key),
            at=_ms(line.at),
            name=readable(line.name),
            request=_number(line.request),
            duration=line.duration_ms,
            outcome=line.outcome,
            agent_id=readable(line.agent_id),
            target=readable(line.target),
            mark=_number(line.mark) if line.mark else 0,
            added=line.added,
            removed=line.removed,
        )
        self._calls.setdefault(self._place(line.file, line.session), []).append(event)

    def _tool_end(self, line: ToolEndLine) -> None:
        self._ends.append(ToolEnded(_number(line.key), _ms(line.at), line.outcome, line.added, line.removed))

    def _event(self, line: EventLine) -> None:
        event = _happening(line)
        self._facts.append((event, self._place(line.file, line.session)))

    def _label(self, line: LabelLine) -> None:
        self._save()  # a name is kept only for a session that is
        changed_at = _ms(line.changed_at)
        taken = take_label(self._db, self._whose(line.session), line, (changed_at, _ms(line.hidden_at)))
        self.labels += taken.changed
        if taken.left_out:
            self.names_left_out.append(taken.left_out)

    def _seed(self, line: SeedLine) -> None:
        self._seeds.append(Seed(line.agent, line.day, line.model, line.tokens, line.sessions))

    def _place(self, file: int, session: str) -> Place:
        known, number = self._files[file], self._whose(session)
        place = self._places.get((known.id, number))
        if place is None:
            place = self._places[known.id, number] = Place(known.id, known.path, known.born, number)
        return place

    def _whose(self, session: str) -> int:
        """The session's number; KeyError when no line before told of it."""
        number = _number(session)
        if number not in self._sessions:
            raise KeyError(session)
        return number

    def _save(self) -> None:
        self._waiting = 0
        places = {*self._requests, *self._calls, *(place for _, place in self._facts)}
        sessions = {place.session for place in places} | {whose[0] for _, _, whose in self._lives}
        db = self._db
        if not sessions:
            tools.keep(db, [], self._ends, Chains(db, self._sessions or {0}), None)
            self._ends.clear()
            return
        chains = Chains(db, sessions)
        changes = requests.keep(db, list(self._requests.items()), chains, self._price, None)
        tools.keep(db, list(self._calls.items()), self._ends, chains, None)
        facts.keep(db, self._facts)
        lives = [(first, last, chains[whose]) for first, last, whose in self._lives]
        chains.save()
        rollups.apply(db, changes)
        requests.save(db, changes)
        chains.seen(lives)
        for each in (self._requests, self._calls, self._ends, self._facts, self._lives):
            each.clear()


def _happening(line: EventLine) -> facts.Happening:
    """The event as the store has it; ValueError when it is none."""
    kinds = {str(kind.__struct_config__.tag): kind for kind in facts.KINDS}
    kind = kinds[line.kind]
    values: list[object] = [line.kind, _number(line.key), _ms(line.at)]
    for name in kind.__struct_fields__[2:]:
        if camel(name) not in line.facts:
            break  # of an older version, which did not tell it yet
        said = line.facts[camel(name)]
        values.append(_ms(str(said)) if name.endswith("_at") and said is not None else said)
    event: facts.Happening = msgspec.convert(values, facts.Happening)
    return event


def _ms(said: str | None) -> Instant:
    return 0 if said is None else instant_of(datetime.fromisoformat(said))


def _number(key: str) -> int:
    return signed(int(key, 16))


def _counts(said: list[int]) -> Counts:
    return Counts(*said[:_COUNTS])


def _cursor(said: tuple[int, ...]) -> Cursor:
    if any(number not in bounds for number, bounds in zip(said, _CURSOR, strict=True)):
        raise ValueError(said)
    return Cursor(*said)
