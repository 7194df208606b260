"""Moments under the names that the contract gives them, made by SQL: the date library takes 2 ms to load."""

from __future__ import annotations

from array import array

import apsw

from moonlock.store.connection import rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999
"""0001-01-01 and the last millisecond of 9999: times that have a name."""
_BASE = 62_135_596_800_000
"""Added before a division, which rounds to zero: so it rounds down."""


def iso(column: str) -> str:
    """SQL for a moment as the contract writes it; of a damaged time the nearest that has a name."""
    at = f"(min(max({column}, {_FIRST}), {_LAST}) + {_BASE})"
    seconds = f"{at} / 1000 - {_BASE // 1000}"
    return f"strftime('%Y-%m-%dT%H:%M:%S', {seconds}, 'unixepoch') || printf('.%03dZ', {at} % 1000)"


def names(db: apsw.Connection, moments: Iterable[int]) -> dict[int, str]:
    """The name of each of these moments."""
    wanted = array("q", sorted({*moments}))
    return dict(rows(db, f"select value, {iso('value')} from carray(?)", (apsw.carray(wanted),))) if wanted else {}
