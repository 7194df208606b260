"""The few words that are kept (titles, names, branches): short, and harmless to a database and a terminal."""

from __future__ import annotations

import re
from functools import lru_cache

TITLE, NAME = 120, 400
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def clean(text: str, length: int = NAME) -> str:
    """One line without control characters, direction marks and lone surrogates, at most ``length`` characters."""
    if not text.isprintable():
        text = " ".join(_UNFIT.sub(" ", text[: 4 * length]).split())
    return text[:length].strip()


@lru_cache(maxsize=1024)
def name(text: str) -> str:
    """A name that comes again and again: of a model, of a tool."""
    return clean(text, TITLE)


def heading(text: str) -> str:
    """The first heading of a plan, or its first words."""
    lines = [line for line in text[:4000].split("\n") if line.strip()]
    headings = [line for line in lines if line.lstrip().startswith("#")]
    first = (headings or lines or [""])[0]
    return clean(first.lstrip(" #"), TITLE)
