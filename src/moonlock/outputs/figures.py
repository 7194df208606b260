"""How numbers, money and times are written for people; the same in every table.

Loaded by the quick paths: the nouns are named for the type checker alone.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from moonlock.model.tokens import Usage

_UNITS = (
    ("d", 86_400_000, 3_600_000),
    ("h", 3_600_000, 60_000),
    ("min", 60_000, 1_000),
    ("s", 1_000, 1_000),
)
"""A unit, its length, and how finely a stretch of it is told, all in milliseconds."""


def exact(count: int) -> str:
    """1,234,567"""
    return f"{count:,}"


def short(count: int) -> str:
    """1.23M: three digits and a unit."""
    value = float(count)
    for unit in ("", "K", "M", "B", "T"):
        if abs(value) < 999.5 or unit == "T":
            break
        value /= 1000
    if not unit:
        return str(count)
    digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:.{digits}f}{unit}"


def money(usage: Usage) -> str:
    """Dollars; ``≥`` where a part has no price, ``-`` where nothing has one."""
    if usage.is_unpriced:
        return "-"
    cents = dollars(usage.cost / 1_000_000)
    return f"≥ {cents}" if usage.unpriced_requests or usage.unpriced_tokens else cents


def dollars(amount: float) -> str:
    """$1,234.56"""
    return f"${amount:,.2f}"


def share(part: float) -> str:
    """A part of one, as 42 %; what is there at all is not shown as nothing."""
    return "< 1 %" if 0 < part < 0.005 else f"{part:.0%}".replace("%", " %")


def lasting(milliseconds: float) -> str:
    """2 h 10 min: the two largest units, rounded, without those that are nothing."""
    if milliseconds < 1_000:
        return f"{milliseconds:.0f} ms"
    finest = next((finest for _, size, finest in _UNITS if milliseconds >= size), 1_000)
    left = round(milliseconds / finest) * finest
    said = []
    for name, size, _ in _UNITS:
        count, left = divmod(left, size)
        said += [f"{count} {name}"] if count else []
    return " ".join(said[:2])


def local(iso: object, zone: tzinfo) -> datetime | None:
    """The moment that a report names, as clocks of the zone show it; None when it names none."""
    from datetime import datetime

    return datetime.fromisoformat(iso).astimezone(zone) if isinstance(iso, str) and iso else None
