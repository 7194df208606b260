"""Reading with all cores: other processes parse, this one keeps what they found."""

from __future__ import annotations

import gc
import os
import selectors
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO

import msgspec

from moonlock.live.jobs import LIMIT, Group, Job, read_jobs
from moonlock.live.processes import ours
from moonlock.model.packing import packed
from moonlock.model.reading import Cursor
from moonlock.sources.base import Source

MOST = 8
_LENGTH = struct.Struct("<I")
_AT_ONCE = 1 << 20
_PIPE = 1 << 20
"""As large as the kernel lets a user make it: a reader that waits for its parent wastes a core."""
_HANDED = struct.Struct("<I")
_MOST_HANDED = 1_000
"""Runs of jobs; their numbers fit into one page, and so into the smallest pipe."""


class _Read(msgspec.Struct, frozen=True, array_like=True):
    """A group, and the numbers of the jobs that were finished with it."""

    jobs: list[int]
    group: Group


_encode = msgspec.msgpack.Encoder().encode
_decode_read = msgspec.msgpack.Decoder(_Read).decode
decode_jobs = msgspec.msgpack.Decoder(list[Job]).decode


class Worker:
    """A process that reads one file after the other, as they are handed out, and what came from it so far."""

    def __init__(self, jobs: Sequence[Job], sources: Sequence[Source], handed: int) -> None:
        self.done: list[int] = []
        self._buffer = bytearray()
        if sys.platform == "linux" and threading.active_count() == 1:
            self._process, self._pid, self.fd = None, *_fork(jobs, sources, handed)  # 3 ms instead of 60
        else:
            self._process = _spawn(jobs, handed)
            assert self._process.stdout is not None
            self._pid, self.fd = self._process.pid, self._process.stdout.fileno()
        _widen(self.fd)

    def groups(self) -> Iterator[Group]:
        """Those that have come whole by now."""
        buffer = self._buffer
        while len(buffer) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(buffer)[0]
            if len(buffer) < end:
                return
            read = _decode_read(memoryview(buffer)[_LENGTH.size : end])
            del buffer[:end]
            self.done += read.jobs
            yield read.group

    def receive(self) -> bool:
        """Take in what waits; False at the end."""
        data = os.read(self.fd, _AT_ONCE)
        self._buffer += data
        return bool(data)

    def end(self) -> None:
        """Leave no process behind."""
        if self._process is not None:
            with self._process:  # closes its pipes and waits for it
                self._process.kill()
            return
        os.close(self.fd)  # its next write fails, and it ends
        os.waitpid(self._pid, 0)


def read_parallel(jobs: Sequence[Job], sources: Sequence[Source]) -> Iterator[Group]:
    """Groups in the order in which they come. What a process that died left undone is read here."""
    for source in sources:
        source.read(jobs[0].seen, Cursor(), LIMIT)  # not begun: it loads what reads once, not in each forked process
    handed = hand_out(len(jobs))
    try:
        workers = [Worker(jobs, sources, handed) for _ in range(min(os.cpu_count() or 1, MOST, len(jobs)))]
    finally:
        os.close(handed)
    running = set(workers)
    try:
        with selectors.DefaultSelector() as selector:
            for worker in workers:
                selector.register(worker.fd, selectors.EVENT_READ, worker)
            while running:
                for key, _ in selector.select():
                    worker = key.data
                    if not worker.receive():
                        selector.unregister(worker.fd)
                        running.discard(worker)
                    yield from worker.groups()
    finally:
        for worker in workers:
            worker.end()
    undone = set(range(len(jobs))).difference(*(worker.done for worker in workers))
    yield from read_jobs([jobs[number] for number in sorted(undone)], sources)


def hand_out(count: int) -> int:
    """A pipe from which every worker takes what is next: nobody waits while another one still has much to do."""
    step = count // _MOST_HANDED + 1
    handed, feed = os.pipe()
    with open(feed, "wb") as pipe:
        pipe.write(b"".join(_HANDED.pack(number) for number in range(0, count, step)))
    return handed


def serve(jobs: Sequence[Job], sources: Sequence[Source], handed: int, out: int) -> None:
    """The work of a worker: read what is next, and write each group with its length before it."""
    taken: list[int] = []
    for group in read_jobs(_taken(jobs, handed, taken), sources):
        finished, taken[: group.files] = taken[: group.files], []
        put = msgspec.structs.replace(group, batches=[packed(batch) for batch in group.batches])
        body = _encode(_Read(finished, put))
        whole = memoryview(_LENGTH.pack(len(body)) + body)
        while whole:
            whole = whole[os.write(out, whole) :]


def _taken(jobs: Sequence[Job], handed: int, taken: list[int]) -> Iterator[Job]:
    """The jobs that fall to this process; their numbers are noted in ``taken``."""
    step = len(jobs) // _MOST_HANDED + 1
    while len(start := os.read(handed, _HANDED.size)) == _HANDED.size:
        first = _HANDED.unpack(start)[0]
        for number in range(first, min(first + step, len(jobs))):
            taken.append(number)
            yield jobs[number]


def _fork(jobs: Sequence[Job], sources: Sequence[Source], handed: int) -> tuple[int, int]:
    """Only while this process has one thread: a lock that another thread holds would stay locked in the child."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid:
        os.close(theirs)
        return pid, ours
    status = 1
    try:
        os.close(ours)
        gc.disable()  # nothing here is circular, and all of it ends with the process
        serve(jobs, sources, handed, theirs)
        status = 0
    finally:
        os._exit(status)  # nothing of the parent, its store above all, is tidied up here


def _spawn(jobs: Sequence[Job], handed: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        ours("moonlock.live.reader", str(handed)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(handed,),
    )
    assert process.stdin is not None
    _give(process.stdin, _encode(list(jobs)))
    return process


def _give(stdin: IO[bytes], data: bytes) -> None:
    with suppress(BrokenPipeError):  # it died already: its share is read here
        stdin.write(data)
        stdin.close()


def _widen(fd: int) -> None:
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):  # the user has no right to larger pipes
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _PIPE)
