"""Every agent Moonlock can read. To add one: write ``<agent>.py``, list it here, give it a fixture and a page."""

from moonlock.sources import claude, demo
from moonlock.sources.base import Source

ALL: tuple[Source, ...] = (claude,)

__all__ = ["ALL", "Source", "claude", "demo"]
