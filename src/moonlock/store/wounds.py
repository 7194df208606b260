"""What is wrong with the logs themselves, file by file, in words that say what to do (rule F6: nothing silent)."""

from __future__ import annotations

from collections.abc import Iterable

import apsw

from moonlock.model.events import TIME_ASSUMED
from moonlock.model.health import Finding
from moonlock.model.instant import iso
from moonlock.model.words import many
from moonlock.store.connection import rows
from moonlock.store.paths import readable, real_path

SHOWN = 5
"""Files of one kind of trouble that are named; the others are counted."""
_OF_NOW = "from damage d join file f on f.id = d.file where d.generation = f.generation"
_DAMAGED = f"""
select f.path, count(*), min(d.offset), sum(d.recovered), group_concat(distinct d.shape) {_OF_NOW}
and d.shape <> 'foreign' group by f.id order by count(*) desc, f.path
"""
_FOREIGN = f"select distinct f.path {_OF_NOW} and d.shape = 'foreign' order by f.path"
_RESTARTED = """
select f.path, r.reason, r.at, r.offset, count(*), max(r.id) from restart r join file f on f.id = r.file
group by f.id order by 6 desc
"""
_UNTIMED = f"select count(*) from request where marks & {TIME_ASSUMED}"
_WORDS = {"shrank": "shrank", "replaced": "was replaced"}


def wounds(db: apsw.Connection) -> list[Finding]:
    """Damaged lines, files that began again and files of another kind."""
    damaged = [
        Finding(
            "damaged-lines",
            f"{_shown(path)}, byte {first:,}: {_places(count)} ({shapes}); {many(recovered, 'record')} recovered.",
            "Nothing to do: the agent wrote it so. What stands around it was counted.",
        )
        for path, count, first, recovered, shapes in rows(db, _DAMAGED)
    ]
    restarted = [
        Finding(
            f"source-{reason}",
            f"{_shown(path)}: source {_WORDS[reason]} at {iso(at)}{_again(times)}, {offset:,} bytes read before;"
            " history kept.",
            "Nothing to do: it was read again from its start, and nothing counts twice.",
        )
        for path, reason, at, offset, times, _ in rows(db, _RESTARTED)
    ]
    foreign = [
        Finding("foreign-file", f"{_shown(path)} is no log of an agent.", "Move it away to end this notice.")
        for (path,) in rows(db, _FOREIGN)
    ]
    return [finding for found in (damaged, restarted, foreign, _untimed(db)) for finding in _few(found)]


def _untimed(db: apsw.Connection) -> list[Finding]:
    """Requests whose day is a guess: one line for all of them, because none of the files need be wrong elsewhere."""
    count: int = rows(db, _UNTIMED)[0][0]
    if not count:
        return []
    said = f"{many(count, 'request has', 'requests have')} no time in the log, or one that had not come; counted at"
    told = f"{said} the time of the line before, else at that of the file's last change."
    return [Finding("time-assumed", told, "Nothing to do: their tokens are exact, their day may not be.")]


def _few(found: list[Finding]) -> Iterable[Finding]:
    yield from found[:SHOWN]
    if len(found) > SHOWN:
        yield Finding(found[0].code, f"{many(len(found) - SHOWN, 'more file')} like these.")


def _shown(path: str) -> str:
    return readable(real_path(path))


def _places(count: int) -> str:
    return "1 damaged place, there" if count == 1 else f"the first of {count:,} damaged places"


def _again(times: int) -> str:
    return "" if times == 1 else f" ({times:,} times so far)"
