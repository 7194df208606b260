"""The state of now: fold events in, read a snapshot out."""

from __future__ import annotations

from datetime import datetime

from moonlock.analytics import blocks, forecast
from moonlock.model import Event, Quota, Snapshot, Tokens, UsageEvent


class State:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._block = blocks.EMPTY
        self._by_session: dict[str, Tokens] = {}
        self._tokens = Tokens()

    def apply(self, event: Event) -> None:
        self._block = blocks.add(self._block, event)
        if isinstance(event, UsageEvent):
            self._tokens += event.tokens
            self._by_session[event.session] = self._by_session.get(event.session, Tokens()) + event.tokens

    def snapshot(self, now: datetime) -> Snapshot:
        block = blocks.read(self._block, now)
        if block is None:
            return Snapshot(None, None, None, None, dict(self._by_session), self._tokens)
        rate = forecast.burn_rate(block, now)
        quota = Quota(block.tokens.total, self._limit, block.end)
        outlook = forecast.forecast(quota, rate, now)
        return Snapshot(block, rate, quota, outlook, dict(self._by_session), self._tokens)
