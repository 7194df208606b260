"""JSON without the library for it, which costs a prompt 10 ms: the driver is loaded anyhow, and SQLite can read it."""

from __future__ import annotations

import apsw

from moonlock.store.connection import rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TREE = "select id, parent, key, type, atom from json_tree(?, ?)"
_WORDS = {"true": True, "false": False, "null": None}


def parsed(db: apsw.Connection, text: str, path: str = "$") -> object:
    """What stands at the path, as plain values; None for what is no JSON."""
    if "\0" in text or rows(db, "select json_valid(?)", (text,)) != [(1,)]:
        return None
    nodes: dict[int, Any] = {}
    whole: object = None
    for number, parent, key, kind, atom in rows(db, _TREE, (text, path)):
        value = nodes[number] = {} if kind == "object" else [] if kind == "array" else _WORDS.get(kind, atom)
        above = nodes.get(parent)
        if isinstance(above, dict):
            above[key] = value
        elif isinstance(above, list):
            above.append(value)
        else:
            whole = value
    return whole
