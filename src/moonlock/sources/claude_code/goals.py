"""Goals that a person sets by ``/goal``: the first line of what was typed, never more.

The client writes down as well whether a goal was achieved or failed; nobody here has seen such a line, so none is read.
"""

from __future__ import annotations

import re

from moonlock.model.aims import GOAL
from moonlock.model.events import Event, ObjectiveSet
from moonlock.model.instant import Instant
from moonlock.sources.claude_code.identity import name_key
from moonlock.sources.claude_code.words import TITLE, clean

SOURCE = "goal"
_NAME = re.compile(r"(?:<command-message>[^<]*</command-message>\s*)?<command-name>\s*/?goal\s*</command-name>")
"""At the beginning: behind it may stand what another command was given, or what one put out."""
_TEXT = re.compile(r"<command-args>\s*([^\n<]+)")
_CLEARED = frozenset({"clear", "stop", "off", "reset", "none", "cancel"})
_HEAD = 4_000


def typed(text: str, at: Instant, said_by: str) -> list[Event]:
    """A goal that is set, or taken back; ``/goal`` alone only asks for it."""
    head = text[:_HEAD]
    if (named := _NAME.match(head)) is None or (found := _TEXT.search(head, named.end())) is None:
        return []
    title = clean(found[1], TITLE)
    if not title:
        return []
    if title.casefold() in _CLEARED:
        return [ObjectiveSet(name_key("objective", said_by, GOAL, "deleted"), at, GOAL, "", "deleted", SOURCE)]
    aim = f"{GOAL}{name_key(title) & (1 << 64) - 1:016x}"
    return [ObjectiveSet(name_key("objective", said_by, aim, "in_progress"), at, aim, title, "in_progress", SOURCE)]
