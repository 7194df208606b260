"""What people call their sessions, and which ones they hid. Loads but the driver: reports of sessions need it."""

from __future__ import annotations

import apsw

from moonlock.store.connection import rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from apsw import CArrayBinding

    Words = tuple[str, str, tuple[str, ...]]
    """Name, description and tags: the fields of a ``Label``, in its order."""

HIDDEN = "select session from label where hidden_at > 0"
"""SQL for the numbers of the hidden sessions."""
_HIDDEN_CHAINS = f"select id from chain where session in ({HIDDEN})"


def labels(db: apsw.Connection, whose: CArrayBinding | None = None) -> dict[int, Words]:
    """The words for every session that has any, by its number; for these sessions alone, when some are named."""
    only, bound = _among(whose)
    tags: dict[int, list[str]] = {}
    for session, tag in rows(db, f"select session, tag from tag where true{only} order by session, tag", bound):
        tags.setdefault(session, []).append(tag)
    named = rows(db, f"select session, name, description from label where true{only}", bound)
    found = {session: (name, text) for session, name, text in named}
    return {session: (*found.get(session, ("", "")), tuple(tags.get(session, ()))) for session in {*found, *tags}}


def hidden(db: apsw.Connection, whose: CArrayBinding | None = None) -> frozenset[int]:
    """The numbers of the sessions that are left out of every list and sum; those among these, when some are named."""
    only, bound = _among(whose)
    return frozenset(number for (number,) in rows(db, HIDDEN + only, bound))


def _among(whose: CArrayBinding | None) -> tuple[str, tuple[CArrayBinding, ...]]:
    return ("", ()) if whose is None else (" and session in carray(?)", (whose,))


def but_hidden(db: apsw.Connection, chain: str = "chain") -> str:
    """SQL that goes on a ``where`` and leaves out the hidden sessions' chains; "" when nothing is hidden."""
    return f" and {chain} not in ({_HIDDEN_CHAINS})" if rows(db, f"{HIDDEN} limit 1") else ""
