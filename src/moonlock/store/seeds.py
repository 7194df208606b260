"""Days before the first log, as an agent's own statistics tell them: kept apart, shown apart, in no sum.

Kept once for each day and model, and only days before the first usage that the store has of the agent. Logs that come
in later win: a day with usage shows no seed. ``approximate`` loads nothing but the driver.
"""

from __future__ import annotations

import apsw

from moonlock.store.connection import rows, transaction
from moonlock.store.filters import plain_model
from moonlock.store.schema import SLOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from moonlock.model.instant import Instant
    from moonlock.model.question import Question
    from moonlock.model.rows import Fields
    from moonlock.model.seeds import Seed

    Told = tuple[str, str, int, str, str, int, int]
    """Key of the row, day, its midnight if it were UTC's, agent, model, tokens, sessions."""

ORIGIN = "stats-cache.json"
NOTE = "input and output as the agent counted them, repeats included, without cache and cost; not part of any total"

_DAY = 86_400_000
_LAST = "9999-12-31"
_KEYS = {
    "daily": "day",
    "weekly": "date(day, '-' || ((strftime('%w', day) + 13 - ?1) % 7) || ' days')",
    "monthly": "substr(day, 1, 7)",
}
_FIRST = """
select r.slot from rollup r join chain c on c.id = r.chain join session s on s.id = c.session where s.agent = ?
order by r.slot limit 1
"""
_USED = f"""
select 1 from rollup r join chain c on c.id = r.chain join session s on s.id = c.session
where r.slot >= ? / {SLOT} and r.slot < ? / {SLOT} and s.agent = ? limit 1
"""


def keep(db: apsw.Connection, seeds: Iterable[Seed], now: Instant) -> int:
    """Keep what is new of days before the first usage of their agent; rows written."""
    found = list(seeds)
    first = {agent: _first_day(db, agent) for agent in {seed.agent for seed in found}}
    known = set(rows(db, "select agent, day, model from seed"))
    fresh = [
        (seed.agent, seed.day, seed.model, seed.tokens, seed.sessions, now)
        for seed in found
        if seed.day < first[seed.agent] and (seed.agent, seed.day, seed.model) not in known
    ]
    if fresh:
        with transaction(db):
            db.executemany("insert or ignore into seed values (?, ?, ?, ?, ?, ?)", fresh)
    return len(fresh)


def approximate(db: apsw.Connection, question: Question) -> Fields | None:
    """The days, weeks or months of a question that only seeds tell of; None when there are none."""
    key = _KEYS.get(question.report)
    if key is None or question.projects or question.branches:
        return None
    told = [seed for seed in _seeds(db, key, question) if _is_asked_for(seed, question)]
    first = {agent: _first_slot(db, agent) for agent in {seed[3] for seed in told}}
    days = {(agent, midnight) for _, _, midnight, agent, *_ in told}
    used = {day for day in days if _is_used(db, day, first[day[0]], question)}
    grouped: dict[str, list[Told]] = {}
    for seed in told:
        if (seed[3], seed[2]) not in used:
            grouped.setdefault(seed[0], []).append(seed)
    if not grouped:
        return None
    return ("source", ORIGIN), ("note", NOTE), ("rows", [_row(name, group) for name, group in grouped.items()])


def _row(key: str, group: Sequence[Told]) -> Fields:
    sessions = {(agent, day): count for _, day, _, agent, _, _, count in group}
    return (
        ("key", key),
        ("agents", sorted({seed[3] for seed in group})),
        ("tokens", sum(seed[5] for seed in group)),
        ("models", sorted({seed[4] for seed in group})),
        ("sessions", sum(sessions.values())),
    )


def _seeds(db: apsw.Connection, key: str, question: Question) -> list[Told]:
    """The seeds within the span, oldest first."""
    since = "" if question.start is None else _day(db, question.start + _offset(question.start, question))
    until = _LAST if question.end is None else _day(db, question.end - 1 + _offset(question.end - 1, question))
    sql = f"""
        select {key}, day, unixepoch(day) * 1000, agent, model, tokens, sessions from seed
        where day between ?2 and ?3 and ?1 is not null order by day, agent, model
    """
    return rows(db, sql, (question.week_start, since, until))


def _is_asked_for(seed: Told, question: Question) -> bool:
    """Whether its agent and its model are among those that were named, in any spelling that the report takes."""
    agents, models = question.agents, question.models
    return (not agents or seed[3].casefold() in map(str.casefold, agents)) and (
        not models or plain_model(seed[4]) in map(plain_model, models)
    )


def _is_used(db: apsw.Connection, day: tuple[str, int], first: int | None, question: Question) -> bool:
    """Whether the logs tell of that day of that agent themselves."""
    agent, midnight = day
    begin, end = (_begin(at, question) for at in (midnight, midnight + _DAY))
    return first is not None and first < end and bool(rows(db, _USED, (begin, end, agent)))


def _first_day(db: apsw.Connection, agent: str) -> str:
    """The first day (UTC) with usage of an agent; after all days when it has none."""
    at = _first_slot(db, agent)
    return _LAST if at is None else _day(db, at)


def _first_slot(db: apsw.Connection, agent: str) -> int | None:
    """The quarter hour of the first usage of an agent, as an instant."""
    found = rows(db, _FIRST, (agent,))
    return int(found[0][0]) * SLOT if found else None


def _day(db: apsw.Connection, local: int) -> str:
    return str(rows(db, "select date(? / 1000, 'unixepoch')", (local,))[0][0])


def _begin(midnight: int, question: Question) -> int:
    """The instant at which a day of the zone begins, from what would be its midnight in UTC."""
    return midnight - _offset(midnight - _offset(midnight, question), question)


def _offset(at: int, question: Question) -> int:
    """Milliseconds by which the zone is ahead of UTC."""
    begun = [offset for since, offset in question.segments if since <= at]
    return begun[-1] if begun else question.segments[0][1]
