"""Counts and sizes as people write them, for every sentence that names one."""

from __future__ import annotations

_THOUSAND = 1000


def many(count: int, one: str, more: str = "") -> str:
    """``1 log``, ``2,800 logs``; ``more`` where an s is not enough."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def size(count: int) -> str:
    """Bytes in the unit that leaves a number worth reading: ``512 bytes``, ``36 KB``, ``1.2 MB``."""
    if count < _THOUSAND:
        return many(count, "byte")
    if count < 999_500:
        return f"{count / _THOUSAND:.0f} KB"
    return f"{count / _THOUSAND**2:,.1f} MB"
