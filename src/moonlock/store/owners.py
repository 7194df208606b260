"""Reports by whom usage belongs to: sessions, projects, branches and agents. Loads nothing but the driver."""

from __future__ import annotations

import apsw

from moonlock.model.question import Answer, Question
from moonlock.store import tallies
from moonlock.store.answers import Parts, finished
from moonlock.store.connection import rows
from moonlock.store.instants import iso
from moonlock.store.labels import labels
from moonlock.store.paths import project_root
from moonlock.store.projects import projects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from moonlock.model.rows import Fields
    from moonlock.store.labels import Words
    from moonlock.store.pricing import Price
    from moonlock.store.projects import Project

_WRAP = 1 << 64
_NO_WORDS: Words = ("", "", ())


def _known(column: str) -> str:
    """SQL for the name of a moment; null when it is not known."""
    return f"iif({column}, {iso(column)}, null)"


_SESSIONS = f"""
select id, printf('%016x', id), title, branch, {_known("first_at")}, {_known("last_at")}, folder, native_id from session
"""


_AGENT = "(select agent from session where id = c.session)"
_OWNERS = {"branch": "c.branch", "agent": _AGENT}


def answer(db: apsw.Connection, question: Question, price: Price | None) -> Answer:
    """The rows of a report by session, project, branch or agent."""
    if question.report in ("session", "project"):
        return _by_session(db, question, price)
    owner = _OWNERS[question.report]
    used = tallies.source(db, question, price)
    parts = Parts()
    for name, model, _, *sums in tallies.by_line(db, used, owner):
        parts.add(name, model, sums)
    for name, session in tallies.users_by_line(db, used, owner):
        parts.use(name, session)
    return finished(db, parts)


def _by_session(db: apsw.Connection, question: Question, price: Price | None) -> Answer:
    """A session has a row of its own, or is one of its project's."""
    places = projects(db)
    whole = question.report == "project"
    parts = Parts()
    aside: dict[int, int] = {}
    for session, model, helpers, *sums in tallies.by_line(db, tallies.source(db, question, price), "c.session"):
        key = places[session][0] if whole else f"{session % _WRAP:016x}"
        parts.add(key, model, sums)
        parts.use(key, session)
        aside[session] = aside.get(session, 0) + helpers
    found = finished(db, parts)
    facts = _of_projects(db, parts, places) if whole else _of_sessions(db, aside, places)
    found.rows = [(*row[:5], facts[row[0]]) for row in found.rows]
    return found


def _of_sessions(db: apsw.Connection, aside: Mapping[int, int], places: Mapping[int, Project]) -> dict[str, Fields]:
    """What is known of each session, by its uid."""
    words = labels(db)
    facts: dict[str, Fields] = {}
    for number, uid, title, branch, first_at, last_at, folder, native_id in rows(db, _SESSIONS):
        if number in aside:
            name, _, tags = words.get(number, _NO_WORDS)
            facts[uid] = (
                ("sessionId", uid),
                ("name", name or None),
                ("title", title or None),
                ("project", places[number][0]),
                ("branch", branch or None),
                ("firstAt", first_at),
                ("lastAt", last_at),
                ("subagentTokens", aside[number]),
                ("folder", folder),
                ("nativeId", native_id),
                ("tags", [*tags]),
            )
    return facts


def _of_projects(db: apsw.Connection, parts: Parts, places: Mapping[int, Project]) -> dict[str, Fields]:
    """The folder of each project, and in how many worktrees of it its sessions worked."""
    roots = dict(places.values())
    folders = dict(rows(db, "select id, cwd from session"))
    facts: dict[str, Fields] = {}
    for name, sessions in parts.users.items():
        trees = {_worktree(folder, project_root(folder)) for folder in {folders[session] for session in sessions}}
        facts[name] = ("path", roots[name] or None), ("worktrees", len(trees - {""}))
    return facts


def _worktree(cwd: str, root: str) -> str:
    """The folder of the worktree that a working directory is in; "" when it is in none."""
    below = cwd.replace("\\", "/").rstrip("/")[len(root) + 1 :].split("/")
    depth = 3 if below[0].startswith(".") and below[1:2] == ["worktrees"] else 2
    return "/".join([root, *below[:depth]]) if below[0] else ""
