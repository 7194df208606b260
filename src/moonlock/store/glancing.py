"""What a prompt asks the store for, where no server runs. Each part is loaded when it is first asked for."""

from __future__ import annotations

from moonlock.store.recall import Packed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.store.glimpses import Glimpses
    from moonlock.store.newest import Newest
    from moonlock.store.quotaends import Reset


class Glancing(Packed):
    """The part of the store that answers at a glance."""

    def newest(self) -> Newest | None:
        """The session that was heard of last, hidden ones left out."""
        from moonlock.store.newest import newest

        return newest(self._db)

    def glimpses(self) -> Glimpses:
        """What was left to be shown of sessions."""
        from moonlock.store.glimpses import Glimpses

        return Glimpses(self._db)

    def resets(self, now: int, latest: int) -> list[Reset]:
        """The official limits that are open in plain rows, without what was said after ``latest``."""
        from moonlock.store.quotaends import resets

        return resets(self._db, now, latest)

    def limited(self, now: int) -> bool:
        """Whether a limit that was hit, and when it ends was said, is not over."""
        from moonlock.model.window import WEEK
        from moonlock.store.limitwords import words

        return any(end is not None and end > now for _, _, end in words(self._db, since=now - WEEK))
