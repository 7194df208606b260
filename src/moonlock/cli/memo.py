"""The last answers to everyday questions, given again while nothing they depend on has changed.

An answer depends on the question, the surroundings it was asked in, the logs, the store, settings and price files. All
of that is looked at each time; only a report whose every input is what it was is not made anew. At 1 GB of logs that
is a third of the time, because neither msgspec nor the driver of the store has to be loaded.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from moonlock import __version__
from moonlock.config.places import places

SLOTS = 16
"""Answers that are kept; another question may take the place of an older one."""
MATTERS = (
    *("MOONLOCK_", "TOKEN_MONITOR_", "XDG_", "CLAUDE_CONFIG_DIR", "TZ", "HOME", "USERPROFILE", "DB_PATH", "PORT"),
    *("WS_PATH", "BATCH_", "HEARTBEAT_INTERVAL"),
)
"""Beginnings of variables that settings and sources look at."""
PATHS = ("MOONLOCK_", "TOKEN_MONITOR_", "CLAUDE_CONFIG_DIR", "DB_PATH")
"""Those that may name a file, which may be said relative to the present folder."""
END = "\n\n"


def known_answer(question: Sequence[str], env: Mapping[str, str], home: Path) -> str | None:
    """The answer, if it would come out the same."""
    try:
        text = _slot(question, env, home).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    head, _, answer = text.partition(END)
    asked, logs, *rest = *head.split("\n"), ""
    files = [line.partition(" ") for line in rest if line.startswith("file ")]
    roots = [line.removeprefix("root ") for line in rest if line.startswith("root ")]
    if asked != _asked(question, env):
        return None
    for _, _, said in files:
        state, _, path = said.partition(" ")
        if state != _state(path):
            return None
    return answer if logs == fingerprint(roots) else None


def remember(question: Sequence[str], env: Mapping[str, str], home: Path, depends: Depends, answer: str) -> None:
    """Keep an answer; ``depends.logs`` was taken before the logs were read, so that a later line is never missed."""
    lines = [_asked(question, env), depends.logs, *(f"root {root}" for root in depends.roots)]
    lines += [f"file {_state(path)} {path}" for path in depends.files]
    if any("\n" in line for line in lines):
        return
    slot = _slot(question, env, home)
    draft = slot.with_name(f"{slot.name}.{os.getpid()}")
    try:
        slot.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write("\n".join(lines) + END + answer)
        draft.replace(slot)
    except (OSError, UnicodeEncodeError):
        return  # it will be made again


class Depends(NamedTuple):
    """What an answer was made from beside the question."""

    logs: str
    roots: tuple[str, ...]
    files: tuple[str, ...]


def fingerprint(roots: Iterable[str]) -> str:
    """Changes with every log that comes, goes, grows or is written anew."""
    count = total = 0
    waiting = [root for root in roots]
    linked: set[tuple[int, int]] = set()
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.name.endswith(".jsonl"):
                        seen = entry.stat()
                        what = (crc32(os.fsencode(entry.path)), seen.st_dev, seen.st_ino, seen.st_size)
                        # Whole numbers hash alike in every process; adding makes the order of the folders irrelevant.
                        total += hash((*what, seen.st_mtime_ns))
                        count += 1
                    elif entry.is_dir() and (not entry.is_symlink() or _is_new(entry, linked)):
                        waiting.append(entry.path)
        except OSError:
            total += 1  # not there, or not readable: as much a fact as anything else
    return f"{count} {total % (1 << 64):x}"


def _is_new(entry: os.DirEntry[str], linked: set[tuple[int, int]]) -> bool:
    """A link may lead back to where it lies: each folder behind a link is entered once."""
    seen = entry.stat()
    identity = (seen.st_dev, seen.st_ino)
    known = identity in linked
    linked.add(identity)
    return not known


def _asked(question: Sequence[str], env: Mapping[str, str]) -> str:
    """Question and surroundings on one line."""
    said = sorted((name, value) for name, value in env.items() if name.startswith(MATTERS))
    zone = "" if env.get("TZ") else os.path.realpath("/etc/localtime")
    here = os.getcwd() if any(name.startswith(PATHS) for name, _ in said) else ""
    return repr((__version__, [*question], said, zone, here))


def _state(path: str) -> str:
    """A file as it is now, in one word."""
    try:
        seen = os.stat(path)
    except OSError:
        return "-"
    return f"{seen.st_ino}.{seen.st_size}.{seen.st_mtime_ns}"


def _slot(question: Sequence[str], env: Mapping[str, str], home: Path) -> Path:
    number = crc32(repr((*question,)).encode()) % SLOTS
    return places(env, home).cache / "answers" / str(number)
