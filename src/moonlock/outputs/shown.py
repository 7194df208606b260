"""Names from logs as a screen may see them: titles, paths and branches are whatever somebody wrote into a file."""

from __future__ import annotations

import unicodedata

LOST = "\ufffd"
"""What stands where a sign was that cannot be shown."""
PRESENTATION = frozenset("\ufe0e\ufe0f")
"""Signs that make terminals disagree about how wide the sign before them is."""


def shown(text: str) -> str:
    """The text on one line, with nothing in it that a terminal would obey and nothing whose width is a guess."""
    if text.isprintable() and PRESENTATION.isdisjoint(text):
        return text
    return "".join(map(_sign, text))


def _sign(sign: str) -> str:
    if sign.isspace():
        return " "
    if sign in PRESENTATION or unicodedata.category(sign) == "Cf":
        return ""  # joiners and marks of direction, which can turn the rest of a line around
    return sign if sign.isprintable() else LOST
