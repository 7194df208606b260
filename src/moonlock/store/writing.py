"""The one kind of transaction that may write. Apart from ``connection``, because readers do without contextlib."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from moonlock.store.errors import in_our_words


@contextmanager
def transaction(db: apsw.Connection, durable: bool = False) -> Iterator[None]:
    """All or nothing. ``durable`` for what people made: it outlives a power cut, where log rows are read again.

    A plain ``begin`` that reads and then writes would fail at once, not wait, when another one wrote. Within another
    transaction it is a part of that one.
    """
    with in_our_words():
        if db.in_transaction:
            yield
            return
        if durable:
            db.execute("pragma synchronous = full")
        try:
            db.execute("begin immediate")
            yield
            db.execute("commit")
        except BaseException:
            if db.in_transaction:  # a full disk has rolled back already
                db.execute("rollback")
            raise
        finally:
            if durable:
                db.execute("pragma synchronous = normal")
