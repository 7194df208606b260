"""Which files changed: told by the system at once, and looked for again now and then, because no system tells all."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from moonlock.live import clock
from moonlock.live.rush import WAIT_MS, Rush
from moonlock.model.health import Component, ComponentStatus, Finding
from moonlock.model.instant import Instant
from moonlock.model.words import many

if sys.platform == "linux":
    from moonlock.live.eye_inotify import Eye
else:
    from moonlock.live.eye_watchdog import Eye

BEAT, CALM_BEATS = 2.0, 30
"""Every 2 s roots that came or went are noticed; every minute all is swept, every 2 s where not all is watched."""
REMOTE = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "drvfs", "vboxsf", "fuse.sshfs", "afs", "ceph", "virtiofs"}
)
MOUNTS = "/proc/self/mounts"
NO_EYE = Finding(
    "watch-none",
    "The system lets no more programs watch folders, so changes are found by looking every 2 seconds.",
    "Close other watchers or raise fs.inotify.max_user_instances",
)


class Changed(msgspec.Struct, frozen=True):
    """Files that changed, came or went; with ``sweep`` there may be others, so all must be looked at."""

    paths: frozenset[str]
    sweep: bool = False


class Watcher:
    """Watches the roots; bursts on one file become one change, and none is held back but in a rush.

    ``wait`` are the milliseconds between two changes then: what comes meanwhile is one change, and read together.
    """

    def __init__(
        self, roots: Sequence[str], claims: Callable[[str], bool], beat: float = BEAT, wait: Instant = WAIT_MS
    ) -> None:
        self._roots, self._claims, self._beat = tuple(dict.fromkeys(roots)), claims, beat
        self._identity: dict[str, tuple[int, int]] = {}
        self._remote: tuple[str, ...] = ()
        self._paths: set[str] = set()
        self._sweep, self._beats = False, 0
        self._awake = asyncio.Event()
        self._rush = Rush(wait)
        self._eye: Eye | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """From here on nothing is missed; the first listing of large trees does not hold the loop up."""
        if self._timer is not None:
            return
        try:
            self._eye = Eye(self._claims, self._note, self.sweep)
        except OSError:
            self._eye = None
        await asyncio.to_thread(self._look_at_roots)
        if self._eye is not None:
            self._eye.open()
        self._timer = asyncio.get_running_loop().call_later(self._beat, self._on_beat)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._eye is not None:
            self._eye.close()
            self._eye = None

    async def changes(self) -> AsyncIterator[Changed]:
        """Never ends; what comes while the caller works is one change when it asks again."""
        while True:
            while not (self._paths or self._sweep):
                self._awake.clear()
                await self._awake.wait()
            if rest := self._rush.rest(clock.monotonic()):
                await asyncio.sleep(rest / 1000)
            self._rush.took(clock.monotonic())
            changed = Changed(frozenset(self._paths), self._sweep)
            self._paths.clear()
            self._sweep = False
            yield changed

    def sweep(self) -> None:
        """Something may have been missed: everything is to be looked at."""
        self._sweep = True
        self._awake.set()

    def health(self) -> Component:
        found = [NO_EYE] if self._eye is None else [self._eye.finding] if self._eye.finding else []
        found += [_remote_finding(root) for root in self._remote]
        status: ComponentStatus = "degraded" if found else "healthy"
        watches = self._eye.watches if self._eye is not None else 0
        return Component(status, f"{many(watches, 'folder')} watched", tuple(found))

    def _note(self, path: str) -> None:
        self._paths.add(path)
        self._rush.came(clock.monotonic())
        self._awake.set()

    def _on_beat(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._beat, self._on_beat)
        self._beats += 1
        partly = self._eye is None or self._eye.finding is not None or bool(self._remote)
        if self._look_at_roots() or partly or self._beats >= CALM_BEATS:
            self._beats = 0
            self.sweep()

    def _look_at_roots(self) -> bool:
        """Whether a root came, went, or is another folder than before."""
        turned = False
        for root in self._roots:
            identity = _identity(root)
            held = self._eye is None or self._eye.holds(root) or identity is None
            if identity == self._identity.get(root) and held:
                continue
            turned = True
            self._take(root, identity)
        if turned:
            remote = _remote_mounts()
            self._remote = tuple(root for root in self._identity if os.path.realpath(root).startswith(remote))
        return turned

    def _take(self, root: str, identity: tuple[int, int] | None) -> None:
        if self._eye is not None:
            self._eye.drop(root)
        self._identity.pop(root, None)
        if identity is not None:
            self._identity[root] = identity
            if self._eye is not None:
                self._eye.add(root)


def _identity(folder: str) -> tuple[int, int] | None:
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return (status.st_dev, status.st_ino)


def _remote_mounts() -> tuple[str, ...]:
    """Folders whose changes on other machines the kernel does not see."""
    try:
        with open(MOUNTS, encoding="utf-8", errors="replace") as file:
            fields = [line.split() for line in file]
    except OSError:
        return ()
    return tuple(each[1].rstrip("/") + "/" for each in fields if len(each) > 2 and each[2] in REMOTE)


def _remote_finding(root: str) -> Finding:
    return Finding(
        "watch-remote",
        f"{root} lies on a network drive, so changes are found by looking every 2 seconds.",
        "Nothing to do; a local folder would be quicker.",
    )
