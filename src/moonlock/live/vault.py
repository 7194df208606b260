"""What is carried out of a running house and into it: exports, imports, and backups, by hand and by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, Literal

from moonlock.live import backups, clock
from moonlock.live.health import Condition
from moonlock.live.paper import page
from moonlock.live.portable import Origin, export, table, take_in
from moonlock.model.backup import Backup
from moonlock.model.health import Finding
from moonlock.model.portable import Imported
from moonlock.store import Store
from moonlock.store.errors import StoreError

Form = Literal["json", "csv", "html"]
EVERY = 60.0
"""Seconds between two looks at whether a backup is due."""


class Vault:
    """Reads through connections of its own, in threads of their own; only an import takes its turn with new lines."""

    def __init__(
        self,
        store: Store,
        version: str,
        ask: Callable[[Callable[[], Imported]], Awaitable[Imported]],
        anew: Callable[[], Awaitable[None]],
    ) -> None:
        self._store, self._version, self._ask, self._anew = store, version, ask, anew
        self._alone = asyncio.Lock()

    @property
    def folder(self) -> Path:
        """Where what is on its way may lie for a while: the store's own disk, not one that is memory."""
        return self._store.path.parent

    async def export(self, into: BinaryIO, session: str | None = None, form: Form = "json") -> bool:
        """Write the store, or one session, as of now; False when there is no such session."""
        async with self._alone:
            return await asyncio.to_thread(self._exported, into, session, form)

    async def take_in(self, file: BinaryIO, scope: str | None = None) -> Imported:
        """Import what was exported, all of it or, with ``UnfitImport``, nothing; then all listeners begin again."""
        done = await self._ask(partial(take_in, self._store, file, clock.now(), scope))
        await self._anew()
        return done

    async def back_up(self, kind: backups.Kind = "by-hand") -> Backup:
        """Make a backup now."""
        async with self._alone:
            return await asyncio.to_thread(backups.back_up, self._store.path, clock.now(), kind)

    async def watch(self, condition: Condition) -> None:
        """Make daily backups as long as the house stands, and say how old the newest is."""
        while True:
            trouble = await self._daily()
            condition.put("backups", backups.backups_health(self._store.path, clock.now(), trouble))
            await asyncio.sleep(EVERY)

    async def _daily(self) -> Finding | None:
        """Make a backup if one is due; why that was not possible."""
        try:
            if backups.is_due(self._store.path, clock.now()):
                await self.back_up("daily")
        except (StoreError, OSError) as error:
            return backups.failed(error)
        return None

    def _exported(self, into: BinaryIO, session: str | None, form: Form) -> bool:
        reader = Store.read(self._store.path)
        try:
            if form == "csv":
                return table(reader, into, session or "", clock.now()) is not None
            if form == "html":
                return page(reader, into, session or "", clock.now())
            return export(reader, into, Origin(self._version, clock.now()), session) is not None
        finally:
            reader.close()
