"""What is kept of rules, of messages that call somebody, of status lines. Each part is loaded when it is asked for."""

from __future__ import annotations

from moonlock.store.recall import Packed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.store.contexts import ContextFacts
    from moonlock.store.deliveries import Deliveries
    from moonlock.store.efficiency import Economy
    from moonlock.store.hooks import Witnesses
    from moonlock.store.quota import Quotas
    from moonlock.store.rehearsing import Rehearsing
    from moonlock.store.rules import RuleChanges
    from moonlock.store.samples import StatusSamples
    from moonlock.store.telemetry import TelemetryRows


class Calling(Packed):
    """The part of the store that alerts, their channels and machines' doors use."""

    def deliveries(self) -> Deliveries:
        """Messages to channels."""
        from moonlock.store.deliveries import Deliveries

        return Deliveries(self._db)

    def contexts(self) -> ContextFacts:
        """What is told of the contexts of chains."""
        from moonlock.store.contexts import ContextFacts

        return ContextFacts(self._db)

    def economy(self) -> Economy:
        """What efficiency is read from."""
        from moonlock.store.efficiency import Economy

        self.unpack()
        return Economy(self._db)

    def rule_changes(self) -> RuleChanges:
        """What a person says of rules."""
        from moonlock.store.rules import RuleChanges

        return RuleChanges(self._db)

    def quotas(self) -> Quotas:
        """What the provider said of its limits."""
        from moonlock.store.quota import Quotas

        return Quotas(self._db)

    def rehearsing(self) -> Rehearsing:
        """The past, for rules that are tried against it."""
        from moonlock.store.rehearsing import Rehearsing

        self.unpack()
        return Rehearsing(self._db)

    def witnesses(self) -> Witnesses:
        """What hooks and registries said of sessions."""
        from moonlock.store.hooks import Witnesses

        return Witnesses(self._db)

    def status_samples(self) -> StatusSamples:
        """What status lines said last."""
        from moonlock.store.samples import StatusSamples

        return StatusSamples(self._db)

    def telemetry(self) -> TelemetryRows:
        """What agents told over OpenTelemetry."""
        from moonlock.store.telemetry import TelemetryRows

        return TelemetryRows(self._db)
