"""The frames a client may receive; the TypeScript types are generated from ``Frame``.

A client keeps ``epoch`` and ``seq``. A frame at or below its ``seq`` is in its picture already and is dropped;
one above the next, or another epoch, means that something was missed: connect again and begin with the new Hello.
"""

from __future__ import annotations

import msgspec

from moonlock.model.alert import Alert
from moonlock.model.events import Event
from moonlock.model.limits import Block, BurnRate, Forecast, Quota
from moonlock.model.tokens import Tokens


class Snapshot(msgspec.Struct, frozen=True, rename="camel"):
    """Everything one screen shows, at one moment."""

    block: Block | None
    burn_rate: BurnRate | None
    quota: Quota | None
    forecast: Forecast | None
    by_session: dict[str, Tokens]
    tokens: Tokens = Tokens()


class Hello(msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="hello"):
    """Forget what you knew and begin here; the next new frame is ``seq`` + 1."""

    epoch: str
    seq: int
    snapshot: Snapshot


class Update(msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="update"):
    """What was added, and the whole picture after it."""

    seq: int
    events: list[Event]
    snapshot: Snapshot


class AlertRaised(msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="alert"):
    seq: int
    alert: Alert


Frame = Hello | Update | AlertRaised
