"""What each session of a report does now. Loaded by the quick path: only sessions that may still live cost more."""

from __future__ import annotations

from moonlock.analytics.lost import LOST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from moonlock.model.rows import Row
    from moonlock.store import Store

AFTER = "lastAt"
"""The status stands behind this fact."""


def with_status(store: Store, rows: Sequence[Row], now: int) -> list[Row]:
    """The rows of sessions, with the status of each."""
    known = _unsettled(store, now)
    place = [name for name, _ in rows[0][5]].index(AFTER) + 1 if rows else 0
    return [(*row[:5], (*row[5][:place], ("status", known.get(row[0], "completed")), *row[5][place:])) for row in rows]


def _unsettled(store: Store, now: int) -> dict[str, str]:
    """The status of each session that is not simply over, by its uid."""
    found = store.unsettled(now - LOST, now)
    if not found:
        return {}
    from moonlock.analytics.sessions import status

    return {session.uid: status(session, now).status for session in found}
