"""When requests happened, as finely as the borders of windows need it. Loads nothing but the driver.

To bring 60,000 requests in order takes 30 ms, half of what a report has in all. The quarter hours that have usage are
known already; only where a border falls into one are its requests looked at one by one, and one more look at all
requests gives the moments that are told.
"""

from __future__ import annotations

from array import array

import apsw

from moonlock.store import tallies
from moonlock.store.connection import rows
from moonlock.store.schema import SLOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from moonlock.model.question import Question

_HOUR = 3_600_000
_NEVER = -(1 << 62)
"""A quarter hour that nothing happens in: an empty array cannot be bound."""
_BASE = 1 << 46
"""Added before a division, which rounds to zero: so it rounds down."""
_BASE_SLOTS = _BASE // SLOT
SLOT_OF = f"((moment + {_BASE_SLOTS * SLOT}) / {SLOT} - {_BASE_SLOTS})"
"""SQL for the quarter hour of a moment."""


class Moments:
    """The times at which the requests of a question lie, whatever its span.

    They lie at places. A place is a quarter hour, for which its first moment but one stands, or a single moment where
    the quarter hour is ``divided``. It must be where a border lies within it or a request exactly on its full hour:
    then neither a border nor a full hour has requests of one place on both sides.
    """

    def __init__(self, db: apsw.Connection, question: Question, divided: Iterable[int]) -> None:
        self._db = db
        ever = question.between(None, None)
        sums = tallies.source(db, ever, None)
        sql = f"select distinct slot from ({sums.sql}) order by slot"
        self._slots = [slot for (slot,) in rows(db, sql, tuple(sums.bound))]
        self._requests = tallies.of_requests(db, ever, None)
        self._single: dict[int, list[int]] = {}
        self._divide(divided)

    def places(self) -> list[int]:
        """All places, in time order."""
        single = self._single
        if not single:
            return [slot * SLOT + 1 for slot in self._slots]
        return [at for slot in self._slots for at in single.get(slot, (slot * SLOT + 1,))]

    def spans(self, places: Iterable[int]) -> dict[int, tuple[int, int]] | None:
        """The first and the last request at these places.

        None when a request on a full hour came up: its quarter hour is divided now, and the places are others.
        """
        found = {place: (place, place) for place in places}
        coarse = {place // SLOT: place for place in found if place // SLOT not in self._single}
        sql = f"""
        select {SLOT_OF}, min(moment), max(moment), max(moment % {_HOUR} = 0) from ({self._requests.sql})
        where {SLOT_OF} in carray(?) or moment % {_HOUR} = 0 group by 1
        """
        on_the_hour = []
        for slot, first, last, is_on_it in rows(self._db, sql, self._bound(coarse)):
            if slot in coarse:
                found[coarse[slot]] = first, last
            if is_on_it and slot not in self._single:
                on_the_hour.append(slot)
        self._divide(on_the_hour)
        return None if on_the_hour else found

    def _divide(self, slots: Iterable[int]) -> None:
        """Look at the requests of these quarter hours one by one."""
        known = {*slots}.intersection(self._slots)
        if not known:
            return
        sql = f"select distinct moment from ({self._requests.sql}) where {SLOT_OF} in carray(?) order by moment"
        for (at,) in rows(self._db, sql, self._bound(known)):
            self._single.setdefault(at // SLOT, []).append(at)

    def _bound(self, slots: Collection[int]) -> tuple[object, ...]:
        return *self._requests.bound, apsw.carray(array("q", slots or (_NEVER,)))
