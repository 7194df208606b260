"""How long calls take: the time that half of them, and that nineteen of twenty, do not pass. Loads only the driver."""

from __future__ import annotations

import apsw

from moonlock.store.connection import rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Times = tuple[int, int]
    """p50 and p95 in milliseconds, each the time of a call that there was (nearest rank)."""


class Naming:
    """By what calls are put together: SQL over ``tool`` for the name of a group, and for what makes it one."""

    __slots__ = ("group", "name")

    def __init__(self, name: str, group: str) -> None:
        self.name, self.group = name, group


BY_TOOL = Naming("(select text from name where id = tool.name)", "tool.name")


def times(db: apsw.Connection, which: str, bound: Sequence[object], naming: Naming = BY_TOOL) -> dict[str, Times]:
    """By name; of one without a call whose end is known there is none. ``which`` is a test on ``tool``.

    Sorted here: for 60,000 calls that takes a quarter of the time that SQLite takes to rank them.
    """
    lasting = f"select {naming.name}, max(duration, 0) from tool where duration is not null"
    found: dict[str, list[int]] = {}
    for name, lasted in rows(db, f"{lasting} and ({which})", tuple(bound)):
        found.setdefault(name, []).append(lasted)
    for each in found.values():
        each.sort()
    return {name: (each[_rank(each, 50)], each[_rank(each, 95)]) for name, each in found.items()}


def _rank(each: Sequence[int], percent: int) -> int:
    return -(-len(each) * percent // 100) - 1


def server_of(tool: str) -> str | None:
    """The MCP server that a tool belongs to, by its name: ``mcp__server__tool``."""
    kind, _, rest = tool.partition("__")
    server, apart, _ = rest.partition("__")
    return server if kind == "mcp" and apart and server else None
