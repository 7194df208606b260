"""How the server looks from outside, decided at the start."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

import moonlock
from moonlock.live import clock
from moonlock.model.house_shapes import SettingShape
from moonlock.model.instant import Instant
from moonlock.server.page import Page

WS_PATH = "/ws"
"""Where the page looks for the live line; the setting ws_path adds an address to it."""


class Pace(msgspec.Struct, frozen=True):
    """Seconds between heartbeats, frames in one message at most, seconds until a blocked send is given up."""

    heartbeat: float = 30.0
    frames: int = 256
    sending: float = 5.0


class Site(msgspec.Struct, frozen=True):
    """What does not change while the server runs."""

    page: Page
    version: str = moonlock.__version__
    ws_path: str = WS_PATH
    pace: Pace = Pace()
    clock: Callable[[], Instant] = clock.now
    draw: Callable[[bytes, Instant, int | None], str] | None = None
    """How a status line looks: for the agent's JSON, at this moment, with so many micro-dollars burnt an hour."""
    settings: tuple[SettingShape, ...] = ()
    """What is in force, and who said so; no secret is among it."""
