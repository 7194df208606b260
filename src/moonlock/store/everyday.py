"""The report by day in plain rows: one pass over the sums and one over who used them. Loads nothing but the driver.

``reports`` makes nouns of these rows; ``usage --json`` has no time for nouns and writes them as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import apsw

from moonlock.store import tallies
from moonlock.store.tallies import Segments, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.store.tallies import Tally

Sums = Sequence[int]
"""In the order of ``SUMS``."""
Share = tuple[str, Sums]
"""What one model has of a row."""
Row = tuple[str, tuple[str, ...], Sums, int, list[Share]]
"""Key, agents, sums, number of sessions, shares: those of a ``ReportRow``, in its order."""

_OUTPUT, _PRICED = 5, 6


def everyday(db: apsw.Connection, segments: Segments, span: Span = (None, None)) -> tuple[list[Row], Row]:
    """A row for each day of the zone that has usage, oldest first, and one for all of them with an empty key."""
    whose = tallies.agents(db)
    users: dict[int, set[int]] = {}
    for day, session in tallies.sessions_by_day(db, segments, span):
        users.setdefault(day, set()).add(session)
    days: dict[tuple[int, str], list[Share]] = {}
    models: dict[str, list[Sums]] = {}
    for day, iso, name, *sums in tallies.by_day(db, segments, span):
        days.setdefault((day, iso), []).append((name, sums))
        models.setdefault(name, []).append(sums)
    rows = [row(iso, _agents(users[day], whose), shares) for (day, iso), shares in days.items()]
    everyone = set().union(*users.values())
    return rows, row("", _agents(everyone, whose), [(name, added(sums)) for name, sums in models.items()])


def row(key: str, people: tuple[tuple[str, ...], int], shares: Iterable[Share]) -> Row:
    """A row whose shares, dearest first, add up to its sums."""
    ordered = sorted(shares, key=_dearest)
    agents, sessions = people
    return key, agents, added([sums for _, sums in ordered]), sessions, ordered


def added(several: Sequence[Sums]) -> Sums:
    """Each of the sums added up."""
    return [sum(column) for column in zip(*several, strict=True)] or [0] * tallies.WIDTH


def reading(db: apsw.Connection) -> Tally:
    """What became of all lines read so far (rule F6): the fields of a ``Reading``, in its order."""
    files, (requests, understated), unpriced = tallies.reading(db)
    count, pending, _, records, iterations, skipped, repaired, not_billed_lines, not_billed_tokens = files
    # Files that were emptied took their lines along; the requests read from them stay.
    duplicates = max(0, records + iterations - requests)
    bad = skipped, repaired, pending
    return count, records, duplicates, *bad, not_billed_lines, not_billed_tokens, understated, unpriced


def _agents(sessions: set[int], whose: dict[int, str]) -> tuple[tuple[str, ...], int]:
    """The agents of the sessions, and how many sessions there are."""
    return tuple(sorted({whose[session] for session in sessions})), len(sessions)


def _dearest(share: Share) -> tuple[int, int, str]:
    name, sums = share
    return -sums[_PRICED], -sum(sums[:_OUTPUT]), name
