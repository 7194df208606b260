"""A process that reads logs for another one: file names come in, what was read goes out (``python -m``)."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress

from moonlock.live.workers import decode_jobs, serve
from moonlock.sources import ALL


def main() -> None:
    gc.disable()  # nothing here is circular, and all of it ends with the process
    jobs = decode_jobs(sys.stdin.buffer.read())
    with suppress(BrokenPipeError):  # the other one went away
        serve(jobs, ALL, int(sys.argv[1]), sys.stdout.fileno())


if __name__ == "__main__":
    main()
