"""Ways to call somebody who does not look, and what became of each message."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.instant import Instant

State = Literal["waiting", "sent", "failed", "held", "dropped"]
News = Literal["firing", "resolved"]


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """An address that takes alerts. ``allow_private`` lets it be one of this machine or this network, and plain."""

    url: str
    secret: str = ""
    """What messages are signed with; "" signs none."""
    allow_private: bool = False


class Message(msgspec.Struct, frozen=True):
    """What is to be said of an alert to everybody who wants to be called."""

    alert: str
    news: News
    body: bytes
    quiet: bool
    """It is held until the quiet hours are over."""


class Delivery(msgspec.Struct, frozen=True):
    """One message to one channel, as the store remembers it."""

    number: int
    alert: str
    news: News
    channel: str
    state: State
    at: Instant
    """When it came to this state, or was tried last."""
    due: Instant
    """Not before this moment it is tried, or tried again."""
    tries: int
    answer: str | None
    body: bytes = b""
