"""Counts, shares, sizes and durations as people write them, for every sentence that names one."""

from __future__ import annotations

_THOUSAND = 1000


def many(count: int, one: str, more: str = "") -> str:
    """``1 log``, ``2,800 logs``; ``more`` where an s is not enough."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def percent(share: float) -> str:
    """A part of one: ``42%``, a half up as on the page; what is there at all is not shown as nothing."""
    exact = round(share * 100, 6)
    return "<1%" if 0 < exact < 1 else f"{int(exact + 0.5)}%"


def size(count: int) -> str:
    """Bytes in the unit that leaves a number worth reading: ``512 bytes``, ``36 KB``, ``1.2 MB``."""
    if count < _THOUSAND:
        return many(count, "byte")
    if count < 999_500:
        return f"{count / _THOUSAND:.0f} KB"
    return f"{count / _THOUSAND**2:,.1f} MB"


def span(milliseconds: int) -> str:
    """How long something took: ``40 ms``, ``1.2 s``."""
    return f"{milliseconds} ms" if milliseconds < 100 else f"{milliseconds / 1000:,.1f} s"
