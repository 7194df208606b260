"""What all that is sent as JSON has in common."""

from __future__ import annotations

import msgspec


class Shape(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Base of all that is sent."""
