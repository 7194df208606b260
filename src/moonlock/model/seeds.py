"""What an agent's own statistics say of days whose logs are gone: approximate, and never part of a sum."""

from __future__ import annotations

import msgspec

from moonlock.model.health import Finding


class Seed(msgspec.Struct, frozen=True):
    """What one model had on one day, as an agent counted it by itself."""

    agent: str
    day: str
    """``YYYY-MM-DD``, in the zone that the agent counted in."""
    model: str
    tokens: int
    """Input and output, repeats included, without the cache."""
    sessions: int
    """Those of the whole day."""


class Statistics(msgspec.Struct, frozen=True):
    """All seeds that an agent's statistics hold, and what of them could not be used."""

    seeds: tuple[Seed, ...] = ()
    troubles: tuple[Finding, ...] = ()
