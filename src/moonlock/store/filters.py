"""Whom a question is about: the names that a person wrote, as conditions on the columns ``chain`` and ``model``.

Loads nothing but the driver. Hidden sessions are left out here, so that no report can forget them.
"""

from __future__ import annotations

from array import array

import apsw

from moonlock.store.connection import rows
from moonlock.store.errors import UnknownName
from moonlock.store.labels import HIDDEN, but_hidden

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from moonlock.model.question import Question

    Filter = tuple[str, list[object]]
    """SQL that goes on a ``where``, and what is bound to it; "" when there is nothing to leave out."""

NO_BRANCH = "(none)"
"""How a person writes the branch that no log names."""

_LINES = "chain in (select c.id from chain c join session s on s.id = c.session where {})"
_DATE = 8


def chosen(db: apsw.Connection, question: Question) -> Filter:
    """The conditions of a question; ``UnknownName`` for a name that nothing has."""
    tests: list[str] = []
    bound: list[object] = []
    if question.agents:
        tests.append("s.agent in carray(?)")
        bound.append(apsw.carray(tuple(agents(db, question.agents))))
    if question.branches:
        tests.append("c.branch in carray(?)")
        bound.append(apsw.carray(tuple(_branches(db, question.branches))))
    if question.projects:
        tests.append("s.id in carray(?)")
        bound.append(apsw.carray(array("q", _project_sessions(db, question.projects))))
    sql = f" and {_LINES.format(' and '.join(tests))}" if tests else ""
    if question.models:
        sql += " and model in carray(?)"
        bound.append(apsw.carray(array("q", _models(db, question.models))))
    return sql + but_hidden(db), bound


def agents(db: apsw.Connection, wanted: Sequence[str]) -> list[str]:
    """The agents that are meant, by their own names."""
    known = [name for (name,) in rows(db, f"select distinct agent from session where id not in ({HIDDEN})")]
    return _named("agent", wanted, known) if known else [*wanted]  # without any, a report is empty and no mistake


def _branches(db: apsw.Connection, wanted: Sequence[str]) -> list[str]:
    sql = f"select distinct branch from chain where requests > 0 and session not in ({HIDDEN})"
    known = [name or NO_BRANCH for (name,) in rows(db, sql)]
    found = _named("branch", [name or NO_BRANCH for name in wanted], known)
    return ["" if name == NO_BRANCH else name for name in found]


def _project_sessions(db: apsw.Connection, wanted: Sequence[str]) -> list[int]:
    """The sessions of projects that are named so, or lie there."""
    from moonlock.store.projects import projects

    hidden = {number for (number,) in rows(db, HIDDEN)}
    found = {number: project for number, project in projects(db).items() if number not in hidden}
    roots = {root: name for name, root in found.values() if root}
    names = _named(
        "project", [roots.get(name.rstrip("/"), name) for name in wanted], {name for name, _ in found.values()}
    )
    return [number for number, (name, _) in found.items() if name in names]


def _models(db: apsw.Connection, wanted: Sequence[str]) -> list[int]:
    sql = "select id, text from name where id in (select distinct model from rollup)"
    known = {name: number for number, name in rows(db, sql)}
    return [known[name] for name in _named("model", wanted, known, plain_model)]


def plain_model(name: str) -> str:
    """A model's name in the one spelling: without vendor and date (rule C7), and without Claude's family name."""
    plain = name.lower().rpartition("/")[2].partition("@")[0].replace("[1m]", "").replace(".", "-")
    parts = [part for part in plain.split("-") if not (len(part) == _DATE and part.isdigit())]
    return "-".join(parts).removeprefix("claude-")


def _named(
    kind: str, wanted: Iterable[str], known: Collection[str], plain: Callable[[str], str] = str.casefold
) -> list[str]:
    """Those of the known that are meant: the very name, else all that differ from it in nothing but spelling."""
    found: dict[str, None] = {}
    for name in wanted:
        meant = [name] if name in known else [each for each in known if plain(each) == plain(name)]
        if not meant:
            raise UnknownName(kind, name, tuple(sorted(known)))
        found.update(dict.fromkeys(meant))
    return list(found)
