"""Having something done in the writer's thread, in turn with new lines (decision 0008)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class InTurn(Protocol):
    """Does work there; what follows from it in the event loop comes in the same order."""

    def __call__(self, work: Callable[[], T], then: Callable[[T], None]) -> Awaitable[T]: ...


class Ask(Protocol):
    """Does work there from which nothing follows here but its answer."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...
