"""The portable form as text: a header, a line for each thing that is kept, a footer by which a cut file is known.

JSON Lines, ``moonlock.export/1``. A session's requests can be had as CSV besides, which is for spreadsheets and is not
read again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import BinaryIO

import msgspec

from moonlock.live.gathered import entries
from moonlock.model.instant import Instant, iso
from moonlock.model.manual import Entry
from moonlock.model.portable import LONGEST, SCHEMA, AnyLine, Footer, HandLine, Header, Imported, RequestLine
from moonlock.store import Store
from moonlock.store.errors import UnfitImport

FAMILY = SCHEMA.partition("/")[0]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet compute a text."""
COLUMNS = (
    *("at", "lastAt", "model", "branch", "agentId", "inputTokens", "outputTokens", "cacheWrite5mTokens"),
    *("cacheWrite1hTokens", "cacheReadTokens", "totalTokens", "costUsd", "recordedUsd", "webSearches", "key"),
)
ENTRY_COLUMNS = ("at", "source", "sessionId", "model", "operation", "totalTokens", "costUsd")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(AnyLine | Footer).decode
_header = msgspec.json.Decoder(Header).decode


class Origin(msgspec.Struct, frozen=True):
    """Who exports, and when."""

    version: str
    now: Instant


def export(store: Store, into: BinaryIO, origin: Origin, session: str | None = None) -> dict[str, int] | None:
    """Write the whole store, or one session; how many lines of each type. None when there is no such session."""
    lines = store.lines(session)
    if lines is None:
        return None
    scope = "store" if session is None else "session"
    counts: dict[str, int] = {}
    digest = sha256()

    def put(line: bytes) -> None:
        digest.update(line)
        into.write(line)

    put(_encode(Header(schema=SCHEMA, version=origin.version, exported_at=iso(origin.now), scope=scope)) + b"\n")
    for line in lines:
        kind = str(line.__struct_config__.tag)
        counts[kind] = counts.get(kind, 0) + 1
        put(_encode(line) + b"\n")
    into.write(_encode(Footer(counts=counts, sha256=digest.hexdigest())) + b"\n")
    return counts


def table(store: Store, into: BinaryIO, session: str, now: Instant) -> dict[str, int] | None:
    """Write the requests of a session as CSV; how many. None when there is no such session.

    Of a session by hand these are its entries: the requests that it gathered by ``now``, and what was posted.
    """
    lines = store.lines(session)
    if lines is None:
        return None
    told = list(lines)
    found = [line for line in told if isinstance(line, RequestLine)]
    found.sort(key=lambda line: (line.at, line.key))
    hand = next((line.id for line in told if isinstance(line, HandLine)), None)
    cells = [_cells(line) for line in found] if hand is None else [_entry(one) for one in entries(store, hand, now)]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS if hand is None else ENTRY_COLUMNS)
    writer.writerows(cells)
    into.write(text.getvalue().encode())
    return {"request": len(cells)}


def take_in(store: Store, file: BinaryIO, now: Instant, scope: str | None = None) -> Imported:
    """Import what was exported: all of it or, with ``UnfitImport``, nothing. ``scope`` is the only one allowed.

    The file is read twice: its checksum stands at its end, and nothing may be kept before that is known to hold.
    """
    file.seek(0)
    for _ in lines_of(file, scope):
        pass
    file.seek(0)
    return store.take_in(lines_of(file, scope), now)


def lines_of(file: BinaryIO, scope: str | None = None) -> Iterator[tuple[int, AnyLine]]:
    """The lines with their numbers; ``UnfitImport`` where the file is not one that was exported, or not all of it."""
    digest = sha256()
    counts: dict[str, int] = {}
    read = _numbered(file)
    first = next(read, (1, b""))[1]
    _check(_headed(first), scope)
    digest.update(first)
    number = 1
    for number, raw in read:
        line = _told(number, raw)
        if isinstance(line, Footer):
            if line.sha256 != digest.hexdigest() or line.counts != counts:
                raise UnfitImport(number, "is not the end of this file: something before it was changed or left out")
            if next(read, None) is not None:
                raise UnfitImport(number + 1, "follows the end of the export")
            return
        digest.update(raw)
        kind = str(line.__struct_config__.tag)
        counts[kind] = counts.get(kind, 0) + 1
        yield number, line
    raise UnfitImport(number, "is the last one, but not the end of an export: the file was cut off")


def _numbered(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            raise UnfitImport(number, f"is longer than {LONGEST:,} bytes")
        yield number, line


def _headed(first: bytes) -> Header:
    try:
        return _header(first)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise UnfitImport(1, "is not the beginning of an export of Moonlock") from None


def _check(header: Header, scope: str | None) -> None:
    if header.schema.partition("/")[0] != FAMILY:
        raise UnfitImport(1, "is not the beginning of an export of Moonlock")
    if header.schema != SCHEMA:
        raise UnfitImport(1, "says that another version of Moonlock wrote this, in a form that this one cannot read")
    if header.scope not in ("store", "session") or scope not in (None, header.scope):
        raise UnfitImport(1, "does not say that this is the export of a session")


def _told(number: int, raw: bytes) -> AnyLine | Footer:
    try:
        told: AnyLine | Footer = _decode(raw)
    except msgspec.ValidationError:
        raise UnfitImport(number, "has a value or a type that an export does not have") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise UnfitImport(number, "is damaged or cut off") from None
    return told


def _cells(line: RequestLine) -> Iterable[str | int | float | None]:
    total = line.input + line.output + line.cache_write_5m + line.cache_write_1h + line.cache_read
    words = (line.at, line.last_at, *map(_text, (line.model, line.branch, line.agent_id)))
    tokens = (line.input, line.output, line.cache_write_5m, line.cache_write_1h, line.cache_read, total)
    return *words, *tokens, line.cost_usd, line.recorded_usd, line.searches, line.key


def _entry(entry: Entry) -> Iterable[str | int | float | None]:
    words = [None if word is None else _text(word) for word in (entry.model, entry.operation)]
    cost = None if entry.cost is None else entry.cost / 1_000_000
    return iso(entry.at), entry.source, entry.uid, *words, entry.tokens, cost


def _text(said: str) -> str:
    """A cell that no spreadsheet computes."""
    plain = "".join(sign if sign.isprintable() else " " for sign in said)
    return f"'{plain}" if said.startswith(FORMULA) else plain
