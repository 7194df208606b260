"""The reports' own numbers: what an explanation has to add up to."""

from __future__ import annotations

from typing import Literal

from moonlock.config.errors import nearest
from moonlock.live.days import Days
from moonlock.live.explain import ALWAYS, blocks
from moonlock.live.explained import Scope
from moonlock.model.instant import Instant
from moonlock.model.question import Question
from moonlock.model.rows import REQUESTS
from moonlock.model.session import Session
from moonlock.store import Store
from moonlock.store.sessions import usage_from

Why = Literal["unknown_day", "no_usage", "ambiguous", "unknown_block"]
NAMED = 5
"""So many blocks are told where more than one is meant."""


class NoNumber(ValueError):
    """There is no such number to explain; the hint says which there is."""

    def __init__(self, code: Why, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.hint = code, hint


class Numbers:
    """One number each, as its report has it."""

    def __init__(self, store: Store, now: Instant) -> None:
        self._store, self._now = store, now

    def total(self) -> Scope:
        everything = self._store.rows(Question("daily", now=self._now)).totals
        return Scope("total", "all", *ALWAYS, usage_from(everything[2]))

    def day(self, days: Days) -> Scope:
        """Of the first of the days, which is the only one."""
        day, start, end = days.since or "", days.start or 0, days.end or 0
        question = Question("daily", segments=days.segments, start=start, end=end, now=self._now)
        found = self._store.rows(question).totals
        if not found[2][REQUESTS]:
            raise NoNumber("unknown_day", f"there is no usage on {day}", self._near(day, days))
        return Scope("day", day, start, end, usage_from(found[2]))

    def session(self, session: Session) -> Scope:
        rows = self._store.rows(Question("session", now=self._now)).rows
        reported = next((row for row in rows if row[0] == session.uid), None)
        name = session.label.name or session.title
        if reported is None:
            said = f"the session {name or session.uid} has no usage"
            raise NoNumber("no_usage", said, "`moonlock usage session` lists those with")
        return Scope("session", session.uid, *ALWAYS, usage_from(reported[2]), session.uid, name)

    def block(self, start: str) -> Scope:
        """The block whose start begins like this."""
        rows = self._store.rows(Question("blocks", now=self._now)).rows
        known = {scope.key: scope for scope in blocks(rows)}
        found = [key for key in known if key.startswith(start.upper())]
        if len(found) > 1:
            raise NoNumber("ambiguous", f"{len(found)} blocks begin with {start!r}", f"there is {_listed(found)}")
        if not found:
            close = nearest(start, known)
            hint = f"did you mean {close}?" if close else "`moonlock usage blocks` shows what there is"
            raise NoNumber("unknown_block", f"there is no block {start!r}", hint)
        return known[found[0]]

    def _near(self, day: str, days: Days) -> str:
        """The days with usage around one without."""
        everything = Question("daily", segments=days.segments, now=self._now)
        known = [row[0] for row in self._store.rows(everything).rows]
        near = [*[one for one in known if one < day][-1:], *[one for one in known if one > day][:1]]
        return f"there is on {' and '.join(near)}" if near else "no log has any usage yet"


def _listed(found: list[str]) -> str:
    return ", ".join(found[:NAMED])
