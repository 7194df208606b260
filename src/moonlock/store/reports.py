"""Reports as the nouns of the house: rows whose models add up to their usage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import apsw

from moonlock.model.report import ModelUsage, Reading, ReportRow
from moonlock.model.session import SessionKey
from moonlock.store import everyday, tallies
from moonlock.store.places import uid_of
from moonlock.store.sessions import usage_from
from moonlock.store.tallies import Segments, Span

if TYPE_CHECKING:
    from moonlock.store.tallies import Tally

_People = tuple[tuple[str, ...], int]
"""Agents, and how many sessions."""


def daily(db: apsw.Connection, segments: Segments, span: Span) -> list[ReportRow]:
    """A row for each day of the zone that has usage, oldest first; the key is the day as YYYY-MM-DD."""
    return [_told(row) for row in everyday.everyday(db, segments, span)[0]]


def by_session(db: apsw.Connection, span: Span) -> list[tuple[SessionKey, ReportRow]]:
    """A row for each session that has usage, dearest first; the key is its uid."""
    names = tallies.session_names(db)
    found = [
        (SessionKey(*names[number]), _row(uid_of(number), models, ((names[number][0],), 1)))
        for number, models in _parts(tallies.by_session(db, span))
    ]
    return sorted(found, key=lambda pair: _dearest(pair[1]))


def by_model(db: apsw.Connection, span: Span) -> list[ReportRow]:
    """A row for each model, dearest first; the key is its name."""
    people = _grouped(tallies.people_by_model(db, span))
    rows = [_row(name, [(name, sums)], people[name]) for _, name, *sums in tallies.by_model(db, span)]
    return sorted(rows, key=_dearest)


def totals(db: apsw.Connection, span: Span) -> ReportRow:
    """Everything in one row; each session counts once, however many days it has."""
    found = tallies.people(db, span)
    agents = tuple(agent for agent, _ in found), sum(sessions for _, sessions in found)
    return _row("", [(name, sums) for _, name, *sums in tallies.by_model(db, span)], agents)


def reading(db: apsw.Connection) -> Reading:
    """What became of all lines read so far (rule F6)."""
    return Reading(*everyday.reading(db))


def _parts(found: Iterable[Tally]) -> list[tuple[int, list[tuple[str, list[int]]]]]:
    parts: dict[int, list[tuple[str, list[int]]]] = {}
    for part, name, *sums in found:
        parts.setdefault(part, []).append((name, sums))
    return list(parts.items())


def _grouped(found: Iterable[Tally]) -> dict[object, _People]:
    people: dict[object, _People] = {}
    for part, agent, sessions in found:
        agents, count = people.get(part, ((), 0))
        people[part] = (*agents, agent), count + sessions
    return people


def _row(key: str, models: Iterable[tuple[str, list[int]]], people: _People) -> ReportRow:
    return _told(everyday.row(key, people, models))


def _told(row: everyday.Row) -> ReportRow:
    key, agents, sums, sessions, shares = row
    models = tuple(ModelUsage(name, usage_from(own)) for name, own in shares)
    return ReportRow(key, agents, usage_from(sums), sessions, models)


def _dearest(row: ReportRow) -> tuple[int, int, str]:
    return -row.usage.cost, -row.usage.tokens.total, row.key
