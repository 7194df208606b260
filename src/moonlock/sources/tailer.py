"""Where to go on in a file that grows, shrinks, is replaced and may hold anything: whole lines, never too many bytes.

A file is still the same when device, inode, its first bytes and the bytes before the offset are. Neither inode nor
fingerprint alone is enough (Vector #25079, Filebeat #1341, OTel filelog #43693): inodes are used again, and a copy that
is truncated in place keeps its first thousand bytes.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from hashlib import blake2b
from types import TracebackType
from typing import Literal, Self

import msgspec

from moonlock.model.instant import Instant
from moonlock.model.reading import Cursor, Restart, Seen

CHUNK = 256 * 1024
"""Read at once: 4 MiB cost three times the CPU (0.53 instead of 0.16 s per GB), in page faults."""
LONG = 8 * 1024 * 1024
"""A line from here on is reported; what it may hold is a picture, not a record."""
LOADED = 32 * 1024 * 1024
"""A line up to here is still loaded and tried, so that its usage counts."""
HEAD, GUARD = 1024, 1024
"""The last 64 bytes would be the same on every line of a session: they end with its id, version and branch."""
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Stretch(msgspec.Struct, frozen=True):
    """A part of the file: whole lines (``data[:length]``), one long line, or what follows the last newline.

    ``data`` is empty where a line is too long to be loaded.
    """

    start: int
    length: int
    kind: Literal["lines", "long", "tail"]
    data: bytes


class Tailer:
    """One reading of one file: from where the last one ended to the size that the file had when it was opened."""

    def __init__(self, seen: Seen, cursor: Cursor) -> None:
        self._fd = os.open(seen.path, _FLAGS)  # a pipe would block without O_NONBLOCK
        try:
            self._status = os.fstat(self._fd)
            if not stat.S_ISREG(self._status.st_mode):
                raise OSError(errno.EINVAL, "no regular file", seen.path)
            self._head, self._guard = self._fingerprints(cursor)
            self.restarted: Restart = self._generation(cursor)
        except BaseException:
            os.close(self._fd)
            raise
        self.start = 0 if self.restarted else cursor.offset
        self._head = self._head[: self.start]  # what follows the offset is not counted yet
        self._guard = self._guard if self.start else b""
        self.size = self._status.st_size
        known = (cursor.device, cursor.inode, cursor.size, cursor.modified)
        self.unchanged = not self.restarted and known == self._identity()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._fd)

    @property
    def modified(self) -> Instant:
        return self._status.st_mtime_ns // 1_000_000

    @property
    def changed(self) -> Instant:
        """When anything was last done to the file: a copy may have kept an older time of its content.

        On Windows, where the second of the two is when it was made, that of its content.
        """
        return max(self._status.st_mtime_ns, self._status.st_ctime_ns) // 1_000_000

    @property
    def born(self) -> Instant:
        """When the file was made; 0 where the file system, or Python's view of it, does not tell."""
        return int(getattr(self._status, "st_birthtime", 0) * 1000)

    def stretches(self) -> Iterator[Stretch]:
        """The new part of the file, in order; each stretch is ``passed`` by the caller once it is counted."""
        at = self.start
        while at < self.size:
            data = os.pread(self._fd, min(CHUNK, self.size - at), at)
            if not data:
                return  # it shrank under our hands: the next reading begins again
            end = data.rfind(b"\n") + 1
            stretch = Stretch(at, end, "lines", data) if end else self._line(at, at + len(data), data)
            yield stretch
            if stretch.kind == "tail":
                return
            at += stretch.length

    def passed(self, stretch: Stretch) -> None:
        """The stretch is counted: fingerprints are taken of the bytes that were read, not of what stands there now."""
        end = stretch.start + stretch.length
        if len(self._head) < HEAD:
            first = stretch.data[: min(HEAD, stretch.length)] or os.pread(self._fd, HEAD, stretch.start)
            self._head = (self._head + first)[:HEAD]
        last = stretch.data[max(0, stretch.length - GUARD) : stretch.length] or os.pread(self._fd, GUARD, end - GUARD)
        self._guard = (self._guard + last)[-GUARD:]

    def cursor(self, offset: int, *, finished: bool) -> Cursor:
        """Where the next reading goes on, when everything before ``offset`` was ``passed``.

        A reading that was not finished must look changed to whoever compares sizes, or its rest is never read.
        """
        head = self._head[: min(HEAD, offset)]
        device, inode, size, modified = self._identity()
        return Cursor(
            offset, device, inode, size if finished else offset, modified, digest(head), len(head), digest(self._guard)
        )

    def peek(self, start: int, length: int) -> bytes:
        """Some bytes out of turn."""
        return os.pread(self._fd, length, start)

    def _line(self, at: int, known: int, data: bytes) -> Stretch:
        """A line longer than a chunk, or the tail: its end is found first, in pieces."""
        end = known
        while end < self.size:
            piece = os.pread(self._fd, min(CHUNK, self.size - end), end)
            newline = piece.find(b"\n") + 1
            if newline:
                length = end + newline - at
                whole = os.pread(self._fd, length, at) if length <= LOADED else b""
                return Stretch(at, length, "lines" if length < LONG else "long", whole)
            if not piece:
                break
            end += len(piece)
        length = end - at
        whole = data if end == known else os.pread(self._fd, length, at) if length < LONG else b""
        return Stretch(at, length, "tail", whole)

    def _identity(self) -> tuple[int, int, int, int]:
        status = self._status
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns

    def _fingerprints(self, cursor: Cursor) -> tuple[bytes, bytes]:
        if not cursor.offset:
            return b"", b""
        before = min(GUARD, cursor.offset)
        return os.pread(self._fd, HEAD, 0), os.pread(self._fd, before, cursor.offset - before)

    def _generation(self, cursor: Cursor) -> Restart:
        if not cursor.offset:
            return ""
        if self._status.st_size < cursor.offset:
            return "shrank"
        same = (
            (self._status.st_dev, self._status.st_ino) == (cursor.device, cursor.inode)
            and digest(self._head[: cursor.head_length]) == cursor.head
            and digest(self._guard) == cursor.guard
        )
        return "" if same else "replaced"


def digest(data: bytes) -> int:
    """A stable signed 64-bit fingerprint."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)
