"""What is kept of rules and of the messages that call somebody. Each part is loaded when it is first asked for."""

from __future__ import annotations

from moonlock.store.recall import Packed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.store.deliveries import Deliveries
    from moonlock.store.rehearsing import Rehearsing
    from moonlock.store.rules import RuleChanges


class Calling(Packed):
    """The part of the store that alerts and their channels use."""

    def deliveries(self) -> Deliveries:
        """Messages to channels."""
        from moonlock.store.deliveries import Deliveries

        return Deliveries(self._db)

    def rule_changes(self) -> RuleChanges:
        """What a person says of rules."""
        from moonlock.store.rules import RuleChanges

        return RuleChanges(self._db)

    def rehearsing(self) -> Rehearsing:
        """The past, for rules that are tried against it."""
        from moonlock.store.rehearsing import Rehearsing

        self.unpack()
        return Rehearsing(self._db)
