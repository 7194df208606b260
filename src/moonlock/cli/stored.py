"""What the store says, for whoever can do without: one that is missing or cannot be read says nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from moonlock.config.settings import Config
from moonlock.store import Store
from moonlock.store.errors import StoreError

T = TypeVar("T")


def stored(config: Config, ask: Callable[[Store], T]) -> T | None:
    """The answer of the store; None where it has none."""
    if not config.db.exists():
        return None
    try:
        store = Store.read(config.db)
        try:
            return ask(store)
        finally:
            store.close()
    except StoreError:
        return None
