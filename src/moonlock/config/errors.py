"""What went wrong with a setting, in words for the person who wrote it."""

from __future__ import annotations

from collections.abc import Iterable


class ConfigError(Exception):
    """A setting that cannot be used; ``hint`` says what to do about it."""

    def __init__(self, message: str, hint: str, code: str = "bad_setting") -> None:
        super().__init__(message)
        self.message, self.hint, self.code = message, hint, code


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` was most likely meant to be, if any comes near."""
    from difflib import get_close_matches  # 6 ms that only a mistake has to pay

    by_lower = {each.lower(): each for each in known}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return by_lower[found[0]] if found else None
