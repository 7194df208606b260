"""When rows of a report were used first and last, and their models in that order: only ccusage's format tells it."""

from __future__ import annotations

from collections.abc import Iterable

import apsw

from moonlock.model.instant import instant, iso
from moonlock.model.question import Question
from moonlock.store import tallies
from moonlock.store.connection import rows
from moonlock.store.periods import part_and_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.model.rows import Fields, Row
    from moonlock.store.tallies import Source

    Used = dict[str, list[tuple[str, int, int]]]
    """For each key its models, first used first, with their first and last request."""


def with_use(db: apsw.Connection, question: Question, found: list[Row]) -> list[Row]:
    """The rows of a report by time or by session, each with ``modelsUsed``, ``firstUsedAt`` and ``lastUsedAt``."""
    if question.report == "blocks-hourly":
        used = _in_blocks(db, question, found)
    elif question.report == "session":
        used = _in_sessions(db, tallies.of_requests(db, question, None))
    else:
        used = _in_periods(db, question)
    return [(*row[:5], (*row[5], *_facts(used[row[0]]))) if used.get(row[0]) else row for row in found]


def _facts(models: list[tuple[str, int, int]]) -> Fields:
    first, last = min(at for _, at, _ in models), max(at for _, _, at in models)
    return ("modelsUsed", [name for name, _, _ in models]), ("firstUsedAt", iso(first)), ("lastUsedAt", iso(last))


def _in_sessions(db: apsw.Connection, used: Source) -> Used:
    sql = f"""
    select printf('%016x', c.session), n.text, min(moment), max(moment) from ({used.sql}) as used
    join chain c on c.id = used.chain join name n on n.id = used.model group by 1, 2 order by 3, 2
    """
    return _by_key(rows(db, sql, tuple(used.bound)))


def _in_periods(db: apsw.Connection, question: Question) -> Used:
    used = tallies.of_requests(db, question, None)
    part, key = part_and_key(question.report, question.segments, question.week_start)
    inner = f"select {part} as part, model, min(moment) as first, max(moment) as last from ({used.sql}) group by 1, 2"
    sql = f"select {key}, n.text, min(first), max(last) from ({inner}) join name n on n.id = model"
    return _by_key(rows(db, f"{sql} group by 1, 2 order by 3, 2", tuple(used.bound)))


def _in_blocks(db: apsw.Connection, question: Question, found: list[Row]) -> Used:
    """Blocks are chosen by their start, so the requests of the last may lie behind the question's end."""
    whose = Question(
        question.report,
        agents=question.agents,
        projects=question.projects,
        models=question.models,
        branches=question.branches,
    )
    used = tallies.of_requests(db, whose, None)
    sql = f"select moment, n.text from ({used.sql}) as used join name n on n.id = used.model order by 1, 2"
    requests = iter(rows(db, sql, tuple(used.bound)))
    made: dict[str, dict[str, tuple[int, int]]] = {}
    at, model = next(requests, (0, ""))
    for key, start, end in _spans(found):
        models = made.setdefault(key, {})
        while model and at <= end:
            if at >= start:
                models[model] = models.get(model, (at, at))[0], at
            at, model = next(requests, (0, ""))
    return {key: [(name, *span) for name, span in models.items()] for key, models in made.items()}


def _spans(found: list[Row]) -> list[tuple[str, int, int]]:
    """Key, start and last request of the blocks, oldest first."""
    from datetime import datetime

    spans: list[tuple[str, int, int]] = []
    for row in found:
        facts = dict(row[5])
        start, last = facts.get("startAt"), facts.get("actualEndAt")
        if isinstance(start, str) and isinstance(last, str):
            spans.append((row[0], instant(datetime.fromisoformat(start)), instant(datetime.fromisoformat(last))))
    return sorted(spans, key=lambda span: span[1])


def _by_key(found: Iterable[tuple[str, str, int, int]]) -> Used:
    used: Used = {}
    for key, model, first, last in found:
        used.setdefault(key, []).append((model, first, last))
    return used
