"""Whether the store holds all that the logs say by now, told without reading a log.

Who has read all logs leaves a note in the store: where they lay, what they looked like before they were read, and with
what prices. While all of that is still so, there is nothing to read. The quick path loads this: it imports very little.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

import moonlock

SUFFIX = ".jsonl"
"""What the names of all logs of all sources end with."""
_NAME, _ROOT = "name ", "root "


def note(prices: str, looked_at: Mapping[str, str | None], roots: Iterable[str]) -> str:
    """The note, to be made before the logs are read: what is written meanwhile is then seen as a change.

    ``looked_at`` are the variables that the sources looked at to know their roots: whoever finds the note need not ask
    the sources again. A name that cannot be noted makes a note that never holds.
    """
    folders = list(roots)
    lines = [fingerprint(folders), prices]
    lines += [f"{_NAME}{name}={value!a}" for name, value in looked_at.items()]
    lines += [f"{_ROOT}{root}" for root in folders]
    noted = "\n".join(lines)
    try:
        noted.encode()
    except UnicodeEncodeError:
        return ""
    return noted if noted.count("\n") == len(lines) - 1 else ""


def look(note: str, prices: str, env: Mapping[str, str]) -> Look | None:
    """A look at the logs, just begun; None when anything else is not as it was noted."""
    seen, *lines = note.split("\n")
    if not lines or lines.pop(0) != prices:
        return None
    for line in lines:
        if line.startswith(_NAME):
            name, _, value = line.removeprefix(_NAME).partition("=")
            if ascii(env.get(name)) != value:
                return None
    return Look(seen, [line.removeprefix(_ROOT) for line in lines if line.startswith(_ROOT)])


class Look:
    """One look at all logs, by a process of its own where there can be one: meanwhile the store is asked.

    A thread would not do: SQLite lets go of the interpreter with every row, and would wait for it as often.
    """

    def __init__(self, noted: str, roots: Sequence[str]) -> None:
        self._noted, self._roots = noted, roots
        self._answer = _asked_apart(roots)

    def holds(self) -> bool:
        """Whether the logs look as it was noted."""
        seen = b"" if self._answer is None else _heard(*self._answer)
        return (seen.decode() or fingerprint(self._roots)) == self._noted


def _asked_apart(roots: Sequence[str]) -> tuple[int, int] | None:
    """A process that looks at the logs, and where it writes what it saw; None when there is none."""
    if not hasattr(os, "fork"):
        return None
    out, into = os.pipe()
    try:
        process = os.fork()
    except OSError:
        os.close(out)
        process = -1
    if process == 0:
        try:
            os.write(into, fingerprint(roots).encode())
        finally:
            os._exit(0)
    os.close(into)
    return None if process < 0 else (process, out)


def _heard(process: int, out: int) -> bytes:
    """What the process wrote; nothing when it was killed before."""
    with open(out, "rb", buffering=0) as pipe:
        seen = pipe.read()
    try:
        os.waitpid(process, 0)
    except ChildProcessError:  # whoever started this program has the ends of children forgotten
        return seen
    return seen


def prices_of(file: str, own: object, home: str) -> str:
    """What costs come from, on one line: this version with its table or another one, and the user's own rates.

    The home folder stands here because every path may begin with it.
    """
    path = file or os.path.join(os.path.dirname(moonlock.__file__), "analytics", "prices.json")
    seen = os.stat(path)
    return ascii((moonlock.__version__, os.path.normpath(home), path, seen.st_ino, seen.st_size, seen.st_mtime_ns, own))


def fingerprint(roots: Iterable[str]) -> str:
    """Changes with every log that comes, goes, moves, grows or is written anew."""
    count = total = 0
    waiting = [*roots]
    linked: set[tuple[int, int]] = set()
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    try:
                        if entry.name.endswith(SUFFIX):
                            seen = entry.stat()
                            path = int.from_bytes(entry.path.encode("utf-8", "surrogatepass"))
                            # Whole numbers hash alike in every process; adding makes the order of folders irrelevant.
                            total += hash((path, seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns))
                            count += 1
                        elif entry.is_dir() and (not entry.is_symlink() or _is_new(entry, linked)):
                            waiting.append(entry.path)
                    except OSError:
                        total += 1  # a link that leads nowhere must not hide the entries after it
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
