"""What the provider said of its limits, in plain rows: when, of which limit, and when it ends.

Facts are kept as MessagePack. A report has no time to load the decoder that everyone else uses (28 ms, decision 0007),
and of this one fact it needs five plain values.
"""

from __future__ import annotations

import apsw

from moonlock.store.connection import rows
from moonlock.store.filters import agents
from moonlock.store.labels import HIDDEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Word = tuple[int, str, int | None]
    """When it was said, the kind of limit, and the moment it ends."""

_WIDTHS = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
"""Bytes of a whole number behind its sign; those from 0xD0 on may be negative."""
_SIGNED, _NIL = 0xD0, 0xC0
_SHORT_TEXT, _SHORT_NEGATIVE = range(0xA0, 0xC0), 0xE0


def words(db: apsw.Connection, wanted: Sequence[str] = (), since: int | None = None) -> list[Word]:
    """Every limit message since then, in time order; of the agents that are wanted, or of all. Hidden sessions have
    none.
    """
    tests = ""
    bound: list[object] = []
    if since is not None:
        tests += " and at >= ?"
        bound.append(since)
    if wanted:
        tests += " and session in (select id from session where agent in carray(?))"
        bound.append(apsw.carray(tuple(agents(db, wanted))))
    sql = f"select body from event where kind = 'limit' and session not in ({HIDDEN}){tests} order by at, key"
    return [_word(body) for (body,) in rows(db, sql, tuple(bound))]


def _word(body: bytes) -> Word:
    _, _, at, kind, resets_at = decoded(body)
    assert isinstance(at, int) and isinstance(kind, str)
    return at, kind, resets_at if isinstance(resets_at, int) else None


def decoded(body: bytes) -> list[int | str | None]:
    """The values of a short MessagePack array of whole numbers, short texts and nothing."""
    values: list[int | str | None] = []
    at = 1
    while at < len(body):
        sign = body[at]
        at += 1
        if sign in _SHORT_TEXT:
            size = sign & 31
            values.append(body[at : at + size].decode())
        elif sign in _WIDTHS:
            size = _WIDTHS[sign]
            values.append(int.from_bytes(body[at : at + size], "big", signed=sign >= _SIGNED))
        else:
            size = 0
            values.append(None if sign == _NIL else sign - 256 if sign >= _SHORT_NEGATIVE else sign)
        at += size
    return values
