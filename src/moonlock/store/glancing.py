"""What a prompt asks the store for, where no server runs. Each part is loaded when it is first asked for."""

from __future__ import annotations

from moonlock.store.recall import Packed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.store.newest import Newest


class Glancing(Packed):
    """The part of the store that answers at a glance."""

    def newest(self) -> Newest | None:
        """The session that was heard of last, hidden ones left out."""
        from moonlock.store.newest import newest

        return newest(self._db)
