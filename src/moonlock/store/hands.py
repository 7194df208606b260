"""Sessions by hand in the store: what a person made exists nowhere else, so it is written to outlive a power cut."""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import apsw

from moonlock.model.instant import Instant
from moonlock.model.manual import Budget, Checkpoint, Follow, Hand, Milestone, Plan, Posting, Suggestion
from moonlock.model.timer import Mark
from moonlock.store.connection import rows, transaction
from moonlock.store.errors import AmbiguousSession, KeyReused
from moonlock.store.places import signed, uid_of

_COLUMNS = (
    "id, name, description, tags, project, follow, followed, duration, token_budget, cost_budget, hidden_at, started_at"
)
_SOME = f"select {_COLUMNS} from hand where id in carray(?) order by started_at desc, id desc"
_MARKS = "select hand, kind, at, by from mark where hand in carray(?) order by id"
_POSTED = "select hand, sum(tokens), max(at) from posting where hand in carray(?) group by 1"
_PAGE = """
select id from hand where not hidden_at and (started_at, id) < (?, ?) order by started_at desc, id desc limit ?
"""
_CHECKPOINTS = """
select c.id, c.at, c.elapsed, ifnull(s.source, 'person'), s.session, c.phase, c.prompts, c.metadata
from checkpoint c left join suggestion s on s.checkpoint = c.id where c.hand = ? order by c.elapsed, c.id
"""
_ANCHOR = "clocks"
_NEWEST = 1 << 62
_BITS = 64


class Hands:
    """The sessions by hand of one store. Whatever writes does so within ``durably``."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db, self.decisions = db, Decisions(db)

    def durably(self) -> AbstractContextManager[None]:
        """One transaction that is on the disk once it ends; all or nothing."""
        return transaction(self._db, durable=True)

    def add(self, plan: Plan, now: Instant) -> int:
        """A new session by hand, which starts now; its number."""
        number = signed(secrets.randbits(_BITS))
        said = plan.name, plan.project, plan.follow.kind, plan.follow.of, plan.duration
        bounds = plan.budget.tokens, plan.budget.cost
        sql = """
        insert into hand (id, name, project, follow, followed, duration, token_budget, cost_budget, started_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
        self._db.execute(sql, (number, *said, *bounds, now))
        self.mark(number, Mark("start", now))
        return number

    def mark(self, number: int, mark: Mark) -> None:
        """Something happened to its timer."""
        self._db.execute("insert into mark (hand, kind, at, by) values (?, ?, ?, ?)", (number, *_flat(mark)))
        if mark.kind in ("complete", "expire"):
            self._db.execute("update hand set open = 0 where id = ?", (number,))

    def describe(self, hand: Hand, hidden_at: Instant) -> None:
        """Keep what may be changed of a session by hand."""
        plan = hand.plan
        said = plan.name, hand.description, " ".join(hand.tags), plan.duration, plan.budget.tokens, plan.budget.cost
        sql = """
        update hand set name = ?, description = ?, tags = ?, duration = ?, token_budget = ?, cost_budget = ?,
            hidden_at = ? where id = ?
        """
        self._db.execute(sql, (*said, hidden_at, number_of(hand.uid)))

    def post(self, number: int, posting: Posting, at: Instant) -> int:
        """Keep a count of tokens; its number."""
        sql = "insert into posting (hand, at, tokens, operation, model) values (?, ?, ?, ?, ?) returning id"
        said = number, at, posting.tokens, posting.operation, posting.model
        made: int = rows(self._db, sql, said)[0][0]
        return made

    def reach(self, number: int, milestone: Milestone, at: Instant, elapsed: int) -> int:
        """Keep a checkpoint; its number."""
        sql = """
        insert into checkpoint (hand, at, elapsed, phase, prompts, metadata) values (?, ?, ?, ?, ?, ?) returning id
        """
        said = number, at, elapsed, milestone.phase, milestone.prompts, milestone.metadata
        made: int = rows(self._db, sql, said)[0][0]
        return made

    def once(self, scope: str, key: str, said: str) -> int | None:
        """What was made when this was asked under this key before; ``KeyReused`` when something else was."""
        found = rows(self._db, "select said, made from once where scope = ? and key = ?", (scope, key)) if key else []
        if found and found[0][0] != said:
            raise KeyReused("Something else was asked under this key before.")
        return found[0][1] if found else None

    def remember(self, scope: str, key: str, said: str, made: int) -> None:
        """What was asked under this key, and what it made."""
        if key:
            self._db.execute("insert into once values (?, ?, ?, ?)", (scope, key, said, made))

    def anchor(self) -> str:
        """What was kept of the clocks; "" when nothing was."""
        found = rows(self._db, "select value from meta where name = ?", (_ANCHOR,))
        return str(found[0][0]) if found else ""

    def keep_anchor(self, text: str) -> None:
        """Keep what to compare the clocks with; the store does not look into it."""
        self._db.execute("insert or replace into meta values (?, ?)", (_ANCHOR, text))


class KnownHands:
    """What is known of sessions by hand, without what they gathered."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def open(self) -> list[Hand]:
        """Those that are not over, newest first."""
        return self.some(number for (number,) in rows(self._db, "select id from hand where open"))

    def some(self, numbers: Iterable[int]) -> list[Hand]:
        """Those with these numbers, newest first, hidden or not."""
        wanted = array("q", sorted(numbers))
        if not wanted:
            return []
        bound = (apsw.carray(wanted),)
        marks: dict[int, list[Mark]] = {}
        for number, kind, at, by in rows(self._db, _MARKS, bound):
            marks.setdefault(number, []).append(Mark(kind, at, by))
        posted = {number: (tokens, at) for number, tokens, at in rows(self._db, _POSTED, bound)}
        return [_hand(row, marks.get(row[0], ()), posted.get(row[0], (0, 0))) for row in rows(self._db, _SOME, bound)]

    def page(self, before: tuple[Instant, int] | None, limit: int) -> list[Hand]:
        """Newest first, without hidden ones; ``before`` is (start, number) of the last one of the page before."""
        return self.some(number for (number,) in rows(self._db, _PAGE, (*(before or (_NEWEST, 0)), limit)))

    def find(self, said: str) -> Hand | None:
        """The one whose uid or name is this, else begins so, hidden ones last; ``AmbiguousSession`` for more.

        Names may be used again: the one that is open is meant, else the newest.
        """
        wanted = said.strip().casefold()
        if not wanted:
            return None
        found: list[tuple[int, str, int, int]] = rows(
            self._db, "select id, name, open, hidden_at from hand order by open desc, started_at desc, id desc"
        )
        for shown in (True, False):
            for fits in (_is_uid, _is_name, _begins):
                meant = [one for one in found if shown is not bool(one[3]) and fits(one, wanted)]
                if meant:
                    return self.some((_only(said, meant),))[0]
        return None

    def checkpoints(self, number: int) -> list[Checkpoint]:
        """Those of one session, in the order in which they were reached."""
        found = rows(self._db, _CHECKPOINTS, (number,))
        return [
            Checkpoint(made, at, elapsed, Milestone(*rest), source, None if whose is None else uid_of(whose))
            for made, at, elapsed, source, whose, *rest in found
        ]

    def posting(self, number: int) -> tuple[Instant, Posting]:
        """One count of tokens, and when it was for."""
        at, *rest = rows(self._db, "select at, tokens, operation, model from posting where id = ?", (number,))[0]
        return at, Posting(*rest)

    def posted(self, number: int) -> list[tuple[Instant, int]]:
        """When how many tokens were posted to one session, oldest first."""
        sql = "select at, tokens from posting where hand = ? order by at, id"
        return [(at, tokens) for at, tokens in rows(self._db, sql, (number,))]


class Decisions:
    """What was decided about suggested checkpoints. Whatever writes does so within ``Hands.durably``."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def of(self, number: int) -> dict[int, int | None]:
        """The suggestions of one session that were decided, each with the checkpoint that it became."""
        return dict(rows(self._db, "select key, checkpoint from suggestion where hand = ?", (number,)))

    def keep(self, number: int, suggestion: Suggestion, at: Instant, checkpoint: int | None) -> None:
        """Keep that a suggestion became this checkpoint; None that it is not wanted."""
        sql = "insert or replace into suggestion values (?, ?, ?, ?, ?, ?)"
        said = number, suggestion.key, suggestion.source, number_of(suggestion.uid), at, checkpoint
        self._db.execute(sql, said)


def number_of(uid: str) -> int:
    """The number of a session's uid."""
    return signed(int(uid, 16))


def _flat(mark: Mark) -> tuple[str, Instant, int]:
    return mark.kind, mark.at, mark.by


def _hand(row: tuple[Any, ...], marks: Sequence[Mark], posted: tuple[int, Instant]) -> Hand:
    number, name, description, tags, project, kind, of, duration, tokens, cost, hidden_at, _ = row
    follow = Follow(kind, of)
    plan = Plan(name, duration, Budget(tokens, cost), project, follow)
    return Hand(
        uid=uid_of(number),
        plan=plan,
        description=description,
        tags=tuple(tags.split()),
        marks=tuple(marks),
        posted=posted[0],
        posted_at=posted[1],
        hidden=bool(hidden_at),
    )


def _is_uid(row: tuple[int, str, int, int], wanted: str) -> bool:
    return uid_of(row[0]) == wanted


def _is_name(row: tuple[int, str, int, int], wanted: str) -> bool:
    return row[1].casefold() == wanted


def _begins(row: tuple[int, str, int, int], wanted: str) -> bool:
    return uid_of(row[0]).startswith(wanted) or row[1].casefold().startswith(wanted)


def _only(said: str, meant: Sequence[tuple[int, str, int, int]]) -> int:
    """The one that is meant: several of one name are one session after the other."""
    if len({name.casefold() for _, name, _, _ in meant}) > 1 or sum(is_open for _, _, is_open, _ in meant) > 1:
        raise AmbiguousSession(said, tuple(sorted(uid_of(number) for number, *_ in meant)))
    return meant[0][0]
