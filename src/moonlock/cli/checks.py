"""What ``doctor`` looks at when no server runs: store, logs, prices, page. Each check ends in a Component."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

import moonlock
from moonlock.analytics.prices import PriceTable
from moonlock.analytics.quota import Official
from moonlock.cli.errors import Trouble
from moonlock.cli.fresh import walks
from moonlock.cli.limits import official
from moonlock.cli.prices import price_list, priced
from moonlock.cli.runs import Run, asked
from moonlock.cli.stored import stored
from moonlock.config.settings import Config
from moonlock.live.backups import backups_health
from moonlock.live.health import prices_health
from moonlock.live.jobs import unreadable
from moonlock.live.presence import ago
from moonlock.live.quotas import quota_health
from moonlock.live.telemetry import telemetry_health
from moonlock.model.health import Component, ComponentStatus, Finding, Health
from moonlock.model.instant import Instant
from moonlock.model.presence import Remembered
from moonlock.model.shapes import HealthShape
from moonlock.model.words import many
from moonlock.sources import ALL
from moonlock.sources.base import Source, Walk
from moonlock.store import Store
from moonlock.store.errors import StoreError, StoreReadOnly, StoreTooOld

WEB = Path(moonlock.__file__).parent / "web"
SHOWN = 5
"""Troubles of one kind that are listed; the rest is counted."""


def told_by(run: Run, token: str | None) -> Health | None:
    """What the running server says of itself; None when it does not answer, or not to us."""
    reply = asked(run.host, run.port, token)
    if reply is None or reply[0] not in (200, 503):
        return None
    try:
        shape = msgspec.json.decode(reply[1], type=HealthShape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return Health(
        {
            name: Component(part.status, part.summary, tuple(Finding(f.code, f.message, f.hint) for f in part.findings))
            for name, part in shape.components.items()
        }
    )


def store(config: Config) -> Component:
    """The store, as it can be read."""
    if not config.db.exists():
        return _writable(config, Component("healthy", f"nothing read yet; it will be at {config.db}"))
    try:
        found = Store.read(config.db)
        try:
            return _writable(config, found.health())
        finally:
            found.close()
    except StoreError as failure:
        finding = Finding("store", str(failure), failure.hint)
        if isinstance(failure, StoreTooOld):
            return Component("degraded", f"of an older version: {config.db}", (finding,))
        return Component("unhealthy", f"cannot be read: {config.db}", (finding,))


def backups(config: Config, now: Instant) -> Component:
    """How old the newest backup is."""
    return backups_health(config.db, now)


def _writable(config: Config, health: Component) -> Component:
    """The store's health, made worse where nothing new can be kept: in it, or in the folder it will be made in."""
    folder = next((path for path in config.db.parents if path.exists()), config.db.parent)
    wanted = (config.db, folder) if config.db.exists() else (folder,)
    closed = [str(path) for path in wanted if not os.access(path, os.W_OK)]
    if not closed:
        return health
    finding = Finding("store-read-only", f"{', '.join(closed)}: may not be written", StoreReadOnly.hint)
    status: ComponentStatus = "unhealthy" if health.status == "unhealthy" else "degraded"
    return Component(status, health.summary, (finding, *health.findings))


def sources(config: Config, env: Mapping[str, str], home: Path, now: Instant) -> Component:
    """Where logs were looked for, what was found and how old it is, and what of it could not be read."""
    found = list(zip(ALL, walks(env, home), strict=True))
    files = sum(len(walk.found) for _, walk in found)
    places = [
        f"{place.path}: {many(place.files, 'log')}" if place.found else f"{place.path}: not there"
        for _, walk in found
        for place in walk.places
    ]
    troubles = [trouble for _, walk in found for trouble in walk.troubles] + _closed(found)
    findings = [Finding("place", said) for said in places] + troubles[:SHOWN]
    if len(troubles) > SHOWN:
        findings.append(Finding("more", f"{len(troubles) - SHOWN:,} more of this kind"))
    if not files:
        hint = "start an agent once; if its logs lie elsewhere, set CLAUDE_CONFIG_DIR"
        findings.append(Finding("no-logs", "no logs found yet", hint))
    findings += _remembered(config, {seen.path for _, walk in found for seen in walk.found})
    newest = max((seen.modified // 1_000_000 for _, walk in found for seen in walk.found), default=None)
    aged = "" if newest is None else f", the newest written {ago(newest, now)}"
    return Component("degraded" if troubles else "healthy", f"{many(files, 'log')} found{aged}", tuple(findings))


def _closed(found: Iterable[tuple[Source, Walk]]) -> list[Finding]:
    """Logs that are there but may not be read: the walk opens none."""
    closed = [seen.path for _, walk in found for seen in walk.found if not os.access(seen.path, os.R_OK)]
    return [unreadable(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES))) for path in closed]


def _remembered(config: Config, there: set[str]) -> list[Finding]:
    """Logs that are gone since they were read, and what is wrong with others; nothing of a store that is broken."""
    found = stored(config, lambda store: (len(store.cursors().keys() - there), store.wounds()))
    if found is None:
        return []
    gone, wounds = found
    said = f"{many(gone, 'log is', 'logs are')} no longer there; what was read stays."
    lost = [Finding("logs-gone", said, "Claude Code removes old logs by itself (cleanupPeriodDays).")] if gone else []
    return lost + wounds


def quota(config: Config, now: Instant) -> Component:
    """What the provider said of its limits, as the store and the status lines that wait for a server have it."""
    if not config.db.exists():
        return quota_health(Official(), None, used=False)

    def told(store: Store) -> Component:
        kept = [one.at for one in store.quotas().told(now)]
        return quota_health(official(store, config.places.spool, now), max(kept, default=None), used=True)

    return stored(config, told) or Component("healthy", "not known: the store cannot be read")


def witnesses(config: Config) -> list[Remembered]:
    """What the last server remembered of hooks."""
    return stored(config, lambda store: store.witnesses().all()) or []


def prices(config: Config) -> Component:
    """The price table in force, and models in use that it has no price for."""
    try:
        table = priced(config).table
    except Trouble as wrong:
        return Component("unhealthy", "no prices", (Finding(wrong.code, wrong.message, wrong.hint),))
    return prices_health(price_list(config, table), [name for name in _unpriced(config) if not _known(name, table)])


def _unpriced(config: Config) -> tuple[str, ...]:
    return stored(config, lambda store: store.unpriced()) or ()


def _known(name: str, table: PriceTable) -> bool:
    """The store's costs may be older than the table."""
    return table.find(name.removesuffix("-fast")) is not None


def telemetry(config: Config) -> Component:
    """When an agent last exported something of itself."""
    return telemetry_health(stored(config, lambda store: store.telemetry().newest_at()))


def page() -> Component:
    """The page that the server shows."""
    if (WEB / "index.html").is_file():
        return Component("healthy", "built")
    finding = Finding("page-not-built", "this installation has no page", "install a release, or run `make setup`")
    return Component("degraded", "not built; the API and the commands work without it", (finding,))
