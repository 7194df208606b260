"""Explanations for the server, made by another process: they read logs again, a gigabyte of them if need be.

``python -m moonlock.live.explainer`` reads what is wanted from stdin and writes what was found to stdout, so no new
line waits for the interpreter meanwhile.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from moonlock.analytics.prices import PriceTable
from moonlock.config.zone import zone_of
from moonlock.live import explain_json, foreseen_json, quota_json
from moonlock.live.days import Days, Span
from moonlock.live.explain import explain
from moonlock.live.explained import Scope
from moonlock.live.numbers import NoNumber, Numbers
from moonlock.live.outlook import foreseen
from moonlock.live.processes import ours
from moonlock.live.quota_outlook import recalled
from moonlock.model.instant import Instant
from moonlock.model.manual import Budget
from moonlock.sources import ALL
from moonlock.store import Store

MOST_WAITING, PATIENCE = 4, 120.0
"""So many questions wait for each other; so many seconds may one of them take."""
Of = Literal["day", "session", "block", "forecast", "quota", "total"]
Why = Literal["", "unknown_day", "no_usage", "ambiguous", "unknown_block", "unknown_session", "no_window"]


class Wanted(msgspec.Struct, frozen=True):
    """Which number, and all that an explanation needs to know."""

    of: Of
    key: str
    limit: int
    """So many entries of each list are told."""
    store: str
    zone: str
    now: Instant
    table: PriceTable
    origin: str
    allowed: Budget = Budget()
    """What a five-hour window may spend."""


class Told(msgspec.Struct, frozen=True):
    """The document, or why there is none."""

    why: Why = ""
    document: bytes = b""


_encode = msgspec.msgpack.Encoder().encode
_told = msgspec.msgpack.Decoder(Told).decode


class Explainer:
    """One process at a time: two would only take the disk from each other."""

    def __init__(self) -> None:
        self._alone = asyncio.Lock()
        self._waiting = 0

    async def told(self, wanted: Wanted) -> Told | None:
        """What was found; None when too many wait already, or when the process took too long or died."""
        if self._waiting >= MOST_WAITING:
            return None
        self._waiting += 1
        try:
            async with self._alone, asyncio.timeout(PATIENCE):
                return await _asked(wanted)
        except TimeoutError:
            return None
        finally:
            self._waiting -= 1


async def _asked(wanted: Wanted) -> Told | None:
    process = await asyncio.create_subprocess_exec(
        *ours("moonlock.live.explainer"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        out, _ = await process.communicate(_encode(wanted))
    finally:
        with suppress(ProcessLookupError):  # it has ended
            process.kill()
    return _told(out) if process.returncode == 0 else None


def found(wanted: Wanted) -> Told:
    """The explanation, from the store and the logs as they are now."""
    store = Store.read(Path(wanted.store))
    try:
        with store.still():
            if wanted.of == "quota":
                return _quota(wanted, store)
            return _forecast(wanted, store) if wanted.of == "forecast" else _number(wanted, store)
    except NoNumber as none:
        return Told(none.code)
    finally:
        store.close()


def _forecast(wanted: Wanted, store: Store) -> Told:
    outlook = foreseen(store, wanted.now, zone_of(wanted.zone), wanted.allowed)
    if outlook is None:
        return Told("no_window")
    return Told(document=foreseen_json.document(outlook, wanted.zone).encode())


def _quota(wanted: Wanted, store: Store) -> Told:
    found = recalled(store, wanted.now, zone_of(wanted.zone), wanted.allowed)
    return Told(document=quota_json.document(found, wanted.zone, wanted.now, wanted.limit).encode())


def _number(wanted: Wanted, store: Store) -> Told:
    scope = _scope(wanted, store)
    if scope is None:
        return Told("unknown_session")
    made = explain(store, scope, wanted.table, ALL)
    document = explain_json.document(made, wanted.zone, wanted.origin)
    return Told(document=explain_json.encoded(explain_json.shortened(document, wanted.limit)))


def _scope(wanted: Wanted, store: Store) -> Scope | None:
    numbers = Numbers(store, wanted.now)
    if wanted.of == "day":
        day, zone = date.fromisoformat(wanted.key), zone_of(wanted.zone)
        return numbers.day(Days(wanted.zone, zone, Span(day, day, zone), wanted.now))
    if wanted.of == "block":
        return numbers.block(wanted.key)
    if wanted.of == "total":
        return numbers.total()
    session = store.session(wanted.key)
    return None if session is None else numbers.session(session)


def main() -> None:
    wanted = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Wanted)
    with suppress(BrokenPipeError):  # the other one went away
        sys.stdout.buffer.write(_encode(found(wanted)))


if __name__ == "__main__":
    main()
