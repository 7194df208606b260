"""What readers of the tables must know of them: a report loads no more (decision 0007). ``steps`` has the tables."""

from __future__ import annotations

import apsw

from moonlock.store.connection import APPLICATION_ID, rows
from moonlock.store.errors import StoreForeign, StoreTooNew

VERSION = 14
"""How many steps there are."""

SUMS = "input, output, write_5m, write_1h, cache_read, requests, cost, unpriced_requests, unpriced_tokens, understated"
"""The columns of a Usage, in its order."""

SLOT = 900_000
"""Milliseconds of a quarter hour: every zone's offset is a multiple of it (decision 0004)."""
COUNTS = "lines, records, iterations, skipped, repaired, not_billed_lines, not_billed_tokens"
"""The columns of a Counts, in its order; those of an unfinished last line have ``tail_`` before them."""
TAIL_COUNTS = ", ".join(f"tail_{name}" for name in COUNTS.split(", "))
MAIN, SIDE, REPLAY = 0, 1, 2
"""Values of ``request.side``: on the main chain, on a side chain, told again there (rule D7: known, never counted)."""


def version_of(db: apsw.Connection, newest: int = VERSION) -> int:
    """The schema that the file has; 0 for a new one. Refuses what is not ours or from a newer Moonlock."""
    version, application = step_of(db), _number(db, "pragma application_id")
    ours = application == APPLICATION_ID or (not application and not _number(db, "select count(*) from sqlite_schema"))
    if not ours:
        raise StoreForeign("The file is the database of another program.")
    if version > newest:
        raise StoreTooNew(version, newest)
    return version


def step_of(db: apsw.Connection) -> int:
    """How many steps were taken, whoever's file it is."""
    return _number(db, "pragma user_version")


def _number(db: apsw.Connection, sql: str) -> int:
    found: int = rows(db, sql)[0][0]
    return found
