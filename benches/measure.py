"""Whole-process figures: run commands in turn, several times, and tell medians and ratios."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple


class Figure(NamedTuple):
    """One run of a process tree: seconds, and the peak memory of its largest process in MiB."""

    wall: float
    cpu: float
    peak: float
    code: int


def run(command: Sequence[str], env: Mapping[str, str]) -> Figure:
    """Run to the end; the operating system's own account of the finished process and its children."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=dict(env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - start
    return Figure(took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode)


def middle(figures: Sequence[Figure]) -> Figure:
    return Figure(
        median(f.wall for f in figures),
        median(f.cpu for f in figures),
        max(f.peak for f in figures),
        max(f.code for f in figures),
    )


def told(name: str, figures: Sequence[Figure]) -> str:
    """One line: median wall and CPU with the spread of the wall, and the highest peak."""
    mid, walls = middle(figures), [f.wall for f in figures]
    spread = f"{min(walls):.3f}-{max(walls):.3f}"
    failed = "" if mid.code == 0 else f"  exit {mid.code}"
    return f"{name:<34} wall {mid.wall:7.3f} s ({spread})  cpu {mid.cpu:7.3f} s  peak {mid.peak:6.1f} MiB{failed}"
