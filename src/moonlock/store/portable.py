"""What is carried from one store to another: the store as lines, and lines taken in."""

from __future__ import annotations

from moonlock.store.recall import Packed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from moonlock.model.instant import Instant
    from moonlock.model.portable import AnyLine, Imported
    from moonlock.store.grouped import Grouped
    from moonlock.store.pricing import Price


class Portable(Packed):
    """The part of the store that gives and takes lines of the portable form."""

    _price: Price

    def lines(self, said: str | None = None) -> Iterator[AnyLine] | None:
        """All that is kept, or what is kept of one session, as of one moment; None when there is no such session."""
        from moonlock.store.departing import of_hand, of_session, of_store
        from moonlock.store.finding import find
        from moonlock.store.hands import KnownHands, number_of

        self.unpack()
        if said is None:
            return of_store(self._db)
        number = find(self._db, said)
        if number is not None:
            return of_session(self._db, number)
        hand = KnownHands(self._db).find(said)
        return None if hand is None else of_hand(self._db, number_of(hand.uid))

    def take_in(self, lines: Iterable[tuple[int, AnyLine]], now: Instant) -> Imported:
        """Keep numbered lines of another store beside what is here: all of them or, with ``UnfitImport``, none."""
        from moonlock.store.arriving import take_in

        self.unpack()
        return take_in(self._grouped(), lines, self._price, now)

    if TYPE_CHECKING:

        def _grouped(self) -> Grouped: ...
