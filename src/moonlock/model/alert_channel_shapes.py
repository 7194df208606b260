"""Channels of alerts and trials of rules as they leave the house in JSON."""

from __future__ import annotations

from typing import Literal

import msgspec

from moonlock.model.shape import Shape


class ChannelShape(Shape, frozen=True, rename="camel", kw_only=True):
    """Somebody who is called. What may be a key is left out of ``url``."""

    id: str
    kind: Literal["webhook"]
    url: str
    signed: bool
    allow_private: bool


class ChannelList(Shape, frozen=True, rename="camel", kw_only=True):
    channels: list[ChannelShape]
    quiet_hours: str | None
    quiet: bool
    """Whether it is quiet now."""


class TestShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What a channel really answered to a message that says that it is a test."""

    channel: str
    sent: bool
    status: int | None
    answer: str
    took_ms: int


class PreviewShape(Shape, frozen=True, rename="camel", kw_only=True):
    """When a rule would have fired, had it been like this."""

    rule: str
    days: int
    known: bool
    """False where nothing that is kept can tell; then ``why`` says so."""
    why: str | None
    count: int
    instants: list[str] = msgspec.field(default_factory=list)
    """The newest 100, newest first."""
