"""Sessions by hand as lines of an export, and such lines taken in. What is here already stays as it is.

A posting has no id that holds in two stores: as many of the same as one store has are the same ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import apsw
import msgspec

from moonlock.model.instant import Instant, instant, iso
from moonlock.model.label import LONGEST_NAME, Relabel, fit, line
from moonlock.model.manual import LONGEST_PHASE, LONGEST_WORD, Follow
from moonlock.model.portable import CheckpointLine, HandLine, PostingLine
from moonlock.store.connection import rows
from moonlock.store.paths import readable
from moonlock.store.places import signed, uid_of

_HANDS = """
select id, name, description, tags, project, follow, followed, duration, token_budget, cost_budget, hidden_at
from hand where {} order by started_at, id
"""
_MARKS = "select kind, at, by from mark where hand = ? order by id"
_DISMISSED = "select key from suggestion where hand = ? and checkpoint is null order by key"
_POSTINGS = "select at, tokens, operation, model from posting where hand = ? order by at, id"
_CHECKPOINTS = """
select c.at, c.elapsed, c.phase, c.prompts, c.metadata, s.source, s.session, s.key
from checkpoint c left join suggestion s on s.checkpoint = c.id where c.hand = ? order by c.id
"""
_ADD = """
insert into hand (id, name, description, tags, project, follow, followed, duration, token_budget, cost_budget,
    started_at, open, hidden_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict do update set name = excluded.name, description = excluded.description, tags = excluded.tags,
    duration = excluded.duration, token_budget = excluded.token_budget, cost_budget = excluded.cost_budget,
    open = excluded.open, hidden_at = excluded.hidden_at
"""
_SAME_POSTINGS = """
select count(*) from posting where hand = ? and at = ? and tokens = ? and operation is ? and model is ?
"""
_SAME_CHECKPOINTS = """
select count(*) from checkpoint
where hand = ? and at = ? and elapsed = ? and phase = ? and prompts is ? and metadata = ?
"""
_MICRO = 1_000_000
_OVER = ("complete", "expire")
_LATEST, _FARTHEST = instant(datetime(9000, 1, 1, tzinfo=UTC)), 10**13
"""Before then every mark was made, and so many milliseconds a clock is at most away from where it began."""


def hands(db: apsw.Connection, number: int | None = None) -> Iterator[HandLine | PostingLine | CheckpointLine]:
    """All sessions by hand, or this one, each before what belongs to it."""
    sql, bound = (_HANDS.format("true"), ()) if number is None else (_HANDS.format("id = ?"), (number,))
    for row in rows(db, sql, bound):
        yield _hand(db, row)
        uid = uid_of(row[0])
        for at, *said in rows(db, _POSTINGS, (row[0],)):
            yield PostingLine(hand=uid, at=iso(at), tokens=said[0], operation=said[1], model=said[2])
        for at, elapsed, phase, prompts, metadata, source, session, key in rows(db, _CHECKPOINTS, (row[0],)):
            yield CheckpointLine(
                hand=uid,
                at=iso(at),
                elapsed_ms=elapsed,
                phase=phase,
                prompts=prompts,
                metadata=metadata,
                source=source or "person",
                session=None if session is None else uid_of(session),
                key=None if key is None else uid_of(key),
            )


def _hand(db: apsw.Connection, row: tuple[object, ...]) -> HandLine:
    number, name, description, tags, project, follow, of, duration, tokens, cost, hidden_at = row
    return msgspec.convert(
        {
            "type": "hand",
            "id": uid_of(_whole(number)),
            "name": name,
            "description": description,
            "tags": str(tags).split(),
            "project": project,
            "follow": follow,
            "of": of,
            "durationMs": duration,
            "tokenBudget": tokens,
            "costBudgetUsd": None if cost is None else _whole(cost) / _MICRO,
            "marks": [(kind, iso(at), by) for kind, at, by in rows(db, _MARKS, (number,))],
            "dismissed": [uid_of(key) for (key,) in rows(db, _DISMISSED, (number,))],
            "hiddenAt": iso(_whole(hidden_at)) if hidden_at else None,
        },
        HandLine,
    )


class HandsArriving:
    """The sessions by hand of one import; ValueError or KeyError for what cannot be kept."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._known: set[int] = set()
        self._seen: Counter[tuple[object, ...]] = Counter()

    def hand(self, said: HandLine) -> None:
        """Keep it; one that is here is only changed by one that went on from where it stands here."""
        number, marks = signed(int(said.id, 16)), [(kind, _ms(at), by) for kind, at, by in said.marks]
        if [kind for kind, *_ in marks].count("start") != 1 or marks[0][0] != "start" or not _possible(marks):
            raise ValueError(said.id)
        self._known.add(number)
        words = fit(Relabel(name=said.name, description=said.description, tags=tuple(said.tags)))
        follow = _followed(said)
        here = rows(self._db, _MARKS, (number,))
        if here and (len(here) >= len(marks) or here != marks[: len(here)]):
            return
        cost = None if said.cost_budget_usd is None else round(said.cost_budget_usd * _MICRO)
        plan = follow.kind, follow.of, said.duration_ms, said.token_budget, cost
        name, tags = line(words.name or "", LONGEST_NAME, "a name"), " ".join(words.tags or ())
        is_open, hidden = int(not any(kind in _OVER for kind, *_ in marks)), _ms(said.hidden_at)
        kept = number, name, words.description, tags, readable(said.project), *plan, marks[0][1], is_open, hidden
        self._db.execute(_ADD, kept)
        fresh = [(number, *mark) for mark in marks[len(here) :]]
        self._db.executemany("insert into mark (hand, kind, at, by) values (?, ?, ?, ?)", fresh)
        gone = [(number, signed(int(key, 16)), fresh[-1][2]) for key in said.dismissed]
        self._db.executemany("insert or ignore into suggestion values (?, ?, '', 0, ?, null)", gone)

    def posting(self, said: PostingLine) -> None:
        """Keep it unless there are as many of the same here."""
        words = (None if word is None else line(word, LONGEST_WORD, "a word") for word in (said.operation, said.model))
        row = self._whose(said.hand), _ms(said.at), said.tokens, *words
        if self._is_new(row, _SAME_POSTINGS):
            self._db.execute("insert into posting (hand, at, tokens, operation, model) values (?, ?, ?, ?, ?)", row)

    def checkpoint(self, said: CheckpointLine) -> None:
        """Keep it unless it is here; one that was suggested is known by its key."""
        number, key = self._whose(said.hand), None if said.key is None else signed(int(said.key, 16))
        phase = line(said.phase, LONGEST_PHASE, "a phase")
        metadata = _object(said.metadata) if said.metadata else ""
        row = number, _ms(said.at), said.elapsed_ms, phase, said.prompts, metadata
        sql = "select 1 from suggestion where hand = ? and key = ? and checkpoint is not null"
        if key is not None and rows(self._db, sql, (number, key)):
            return
        if key is None and not self._is_new(row, _SAME_CHECKPOINTS):
            return
        sql = """
        insert into checkpoint (hand, at, elapsed, phase, prompts, metadata) values (?, ?, ?, ?, ?, ?) returning id
        """
        made = rows(self._db, sql, row)[0][0]
        if key is not None and said.session is not None:
            decided = number, key, said.source, signed(int(said.session, 16)), row[1], made
            self._db.execute("insert or replace into suggestion values (?, ?, ?, ?, ?, ?)", decided)

    def _is_new(self, row: tuple[object, ...], same: str) -> bool:
        self._seen[same, *row] += 1
        return int(rows(self._db, same, row)[0][0]) < self._seen[same, *row]

    def _whose(self, uid: str) -> int:
        """The session's number; KeyError when no line before told of it."""
        number = signed(int(uid, 16))
        if number not in self._known:
            raise KeyError(uid)
        return number


def _possible(marks: Iterable[tuple[str, Instant, int]]) -> bool:
    """Whether a timer can have had them: it ran out after it began, and whatever follows from them has a year."""
    began, shift = None, 0
    for kind, at, by in marks:
        began = at if began is None else began
        shift += by if kind == "clock" else 0
        if not 0 <= at < _LATEST or abs(shift) > _FARTHEST or (kind == "expire" and at - shift < began):
            return False
    return True


def _followed(said: HandLine) -> Follow:
    if said.follow in ("none", "all"):
        return Follow(said.follow)
    if said.follow == "session":
        return Follow("session", uid_of(signed(int(said.of, 16))))
    return Follow("project", readable(said.of))


def _ms(said: str | None) -> Instant:
    return 0 if said is None else instant(datetime.fromisoformat(said))


def _object(said: str) -> str:
    try:
        msgspec.json.decode(said, type=dict[str, object])
    except msgspec.MsgspecError as wrong:
        raise ValueError(said) from wrong
    return said


def _whole(said: object) -> int:
    assert isinstance(said, int)
    return said
