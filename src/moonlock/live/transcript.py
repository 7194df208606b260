"""What was said in a session, from its agent's own log: read when somebody asks, in parts, and forgotten again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from moonlock.model.chronicle import Chapter, Said
from moonlock.sources.base import Narrator, Source, look

Place = tuple[int, int, int]
"""A file of the session, and a place in it."""


class LogGone(Exception):
    """The log that was asked for is not there any more, or cannot be read."""


class NoSuchPlace(Exception):
    """No line begins there: the log was rewritten, or the place is of another one."""


class Excerpt(msgspec.Struct, frozen=True):
    """A part of what was said, and where the next one begins; None at the end."""

    said: list[Said]
    next: Place | None


def transcript(
    logs: Iterable[Chapter], sources: Iterable[Source], subagent: str, start: Place | None, most: int
) -> Excerpt:
    """So many things that were said by the session itself, or by one of its sub-agents."""
    narrators = {source.name: source for source in sources if isinstance(source, Narrator)}
    own = [(log, narrators[log.source]) for log in logs if log.source in narrators]
    files = [(log.path, narrator) for log, narrator in own if narrator.speaker(log.path) == subagent]
    number, offset, before = start or (_first_there(files), 0, 0)
    if not 0 <= number < len(files):
        raise NoSuchPlace if files else LogGone
    path, narrator = files[number]
    seen = look(path)
    if seen is None:
        raise LogGone
    try:
        page = narrator.transcript(seen, (offset, before), most)
    except OSError:
        raise LogGone from None
    if page is None:
        raise NoSuchPlace
    if page.next is not None:
        return Excerpt(page.said, (number, *page.next))
    return Excerpt(page.said, (number + 1, 0, 0) if number + 1 < len(files) else None)


def _first_there(files: Sequence[tuple[str, Narrator]]) -> int:
    """The first file that still exists; 0 when none does."""
    return next((number for number, (path, _) in enumerate(files) if look(path) is not None), 0)
