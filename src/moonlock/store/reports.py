"""Answers as the nouns of the house: rows whose models add up to their usage."""

from __future__ import annotations

from moonlock.model.question import Answer
from moonlock.model.report import ModelUsage, ReportRow
from moonlock.model.rows import Row
from moonlock.model.session import SessionKey
from moonlock.store.sessions import usage_from


def told(answer: Answer) -> list[ReportRow]:
    """The rows of an answer."""
    return [noun(row) for row in answer.rows]


def noun(row: Row) -> ReportRow:
    """A plain row as a noun."""
    key, agents, sums, sessions, shares, extra = row
    models = tuple(ModelUsage(name, usage_from(own)) for name, own in shares)
    return ReportRow(key, agents, usage_from(sums), sessions, models, extra)


def whose(row: ReportRow) -> SessionKey:
    """The session that a row of the report by session is about."""
    facts = dict(row.extra)
    return SessionKey(row.agents[0], str(facts["folder"]), str(facts["nativeId"]))
