"""How well the store does, in words that say what to do."""

from __future__ import annotations

from pathlib import Path

import apsw

from moonlock.model.health import Component, ComponentStatus, Finding
from moonlock.model.words import many
from moonlock.model.words import size as size_of
from moonlock.store.connection import rows
from moonlock.store.errors import StoreError
from moonlock.store.repair import repair_record

_WAL_BOUND = 64 << 20
_COUNTS = """
select (select ifnull(sum(requests), 0) from chain), (select count(*) from file), (select count(*) from session),
    (select count(*) from file where gone), (select count(*) from restart where reason = 'shrank')
"""


def health(db: apsw.Connection, path: Path) -> Component:
    """What the store holds, and everything about it that a person should know."""
    try:
        requests, files, sessions, gone, shrank = rows(db, _COUNTS)[0]
        findings = [*_repaired(db), *_bad_lines(db), *_wal(path), *_sources(gone, shrank)]
    except StoreError as error:
        return Component("unhealthy", str(error), (Finding(type(error).__name__, str(error), error.hint),))
    held = f"{many(requests, 'request')} of {many(sessions, 'session')}, read from {many(files, 'file')}"
    summary = f"{held if files else 'nothing kept yet'}; {size_of(path.stat().st_size)}"
    worrying = any(finding.code in ("store-repaired", "wal-large") for finding in findings)
    status: ComponentStatus = "degraded" if worrying else "healthy"
    return Component(status, summary, tuple(findings))


def _repaired(db: apsw.Connection) -> list[Finding]:
    record = repair_record(db)
    if not record:
        return []
    requests = record["requests"]
    held = f"it held {many(int(requests), 'request')}" if requests.isdigit() else "nobody can tell what it held"
    said = f"The store was damaged ({record['reason']}) and set aside on {record['at']}; {held}."
    if "backup" in record:
        kept = many(int(record["backupRequests"]), "request")
        said += f" The backup of {record['backupAt']} with {kept} took its place ({record['backup']})."
        said += " The logs were read on from there; what came since and is in no log any more is missing."
        hint = f"The damaged file is in {record['folder']}."
    else:
        said += " There was no good backup. All logs that still exist are read again; what they no longer hold is"
        said += " missing."
        hint = f"The damaged file is in {record['folder']}; `moonlock restore` takes a backup if you have one."
    return [Finding("store-repaired", said, hint)]


def _bad_lines(db: apsw.Connection) -> list[Finding]:
    sql = "select count(*), ifnull(sum(d.recovered), 0) from damage d join file f on f.id = d.file"
    count, recovered = rows(db, f"{sql} where d.generation = f.generation")[0]
    if not count:
        return []
    said = f"{many(count, 'damaged place')} in the logs; {many(recovered, 'record')} recovered there."
    return [Finding("damaged-lines", said, "Nothing to do: the agent wrote them so. The list names each place.")]


def _wal(path: Path) -> list[Finding]:
    wal = path.with_name(path.name + "-wal")
    size = wal.stat().st_size if wal.exists() else 0
    if size <= _WAL_BOUND:
        return []
    said = f"The store's write-ahead log has grown to {size / 1e6:,.0f} MB: a reader keeps it open."
    return [Finding("wal-large", said, "Close programs that have the store open.")]


def _sources(gone: int, shrank: int) -> list[Finding]:
    found = []
    if gone:
        said = f"{many(gone, 'log is', 'logs are')} no longer there; what was read stays."
        found.append(Finding("logs-gone", said, "Claude Code removes old logs by itself (cleanupPeriodDays)."))
    if shrank:
        said = f"Logs became shorter {many(shrank, 'time')}; what was read before stays."
        found.append(Finding("logs-shrank", said))
    return found
