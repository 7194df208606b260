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
from moonlock.model.packing import packed
from moonlock.model.reading import Cursor
from moonlock.sources.base import Source

MOST = 8
_LENGTH = struct.Struct("<I")
_AT_ONCE = 1 << 20
_PIPE = 1 << 20
"""As large as the kernel lets a user make it: a reader that waits for its parent wastes a core."""
_encode = msgspec.msgpack.Encoder().encode
_decode_group = msgspec.msgpack.Decoder(Group).decode
decode_jobs = msgspec.msgpack.Decoder(list[Job]).decode


class Worker:
    """A process that reads a share of the files, in order, and what came from it so far."""

    def __init__(self, jobs: Sequence[Job], sources: Sequence[Source]) -> None:
        self.jobs, self.done = jobs, 0
        self._buffer = bytearray()
        if sys.platform == "linux" and threading.active_count() == 1:
            self._process, self._pid, self.fd = None, *_fork(jobs, sources)  # 3 ms instead of 60
        else:
            self._process = _spawn(jobs)
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
            group = _decode_group(memoryview(buffer)[_LENGTH.size : end])
            del buffer[:end]
            self.done += group.files
            yield group

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
    workers = [Worker(share, sources) for share in shares(jobs, min(os.cpu_count() or 1, MOST)) if share]
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
    for worker in workers:
        yield from read_jobs(worker.jobs[worker.done :], sources)


def shares(jobs: Sequence[Job], count: int) -> list[list[Job]]:
    """As much for each as for the others, each in the order of the whole."""
    parts: list[list[Job]] = [[] for _ in range(count)]
    loads = [0] * count
    for job in jobs:
        least = loads.index(min(loads))
        parts[least].append(job)
        loads[least] += job.bytes + 4096  # opening a file costs about as much as reading this
    return parts


def serve(jobs: Sequence[Job], sources: Sequence[Source], out: int) -> None:
    """The work of a worker: read, and write each group with its length before it."""
    for group in read_jobs(jobs, sources):
        body = _encode(msgspec.structs.replace(group, batches=[packed(batch) for batch in group.batches]))
        whole = memoryview(_LENGTH.pack(len(body)) + body)
        while whole:
            whole = whole[os.write(out, whole) :]


def _fork(jobs: Sequence[Job], sources: Sequence[Source]) -> tuple[int, int]:
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
        serve(jobs, sources, theirs)
        status = 0
    finally:
        os._exit(status)  # nothing of the parent, its store above all, is tidied up here


def _spawn(jobs: Sequence[Job]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "moonlock.live.reader"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
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
