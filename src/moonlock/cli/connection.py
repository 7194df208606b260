"""What ``doctor`` says of the line between an agent and Moonlock: whether it is there, and when it was last used."""

from __future__ import annotations

from moonlock.cli.connect import settings_file
from moonlock.cli.errors import Trouble
from moonlock.config.settings import Config
from moonlock.model.health import Component, Finding
from moonlock.model.instant import SECOND, Instant, iso
from moonlock.outputs.status import left
from moonlock.sources.claude_code.connecting import Unfit, obstacles, speaks
from moonlock.store import Store
from moonlock.store.errors import StoreError

CONNECT = "`moonlock connect claude-code` shows what it would change, and asks"


def connection(config: Config, now: Instant) -> Component:
    """Whether Claude Code tells its limits and its state; without it both are estimated from its logs."""
    file = settings_file(config)
    try:
        text = file.text()
        line, hooks = speaks(text)
    except (Trouble, Unfit) as wrong:
        return Component("degraded", "not known", (Finding("settings-unread", f"{file.path}: {wrong}", "repair it"),))
    heard = _heard(config, now)
    if not line:
        finding = Finding("not-connected", "official limits and the state of sessions are not told", CONNECT)
        return Component("healthy", f"Claude Code is not connected{heard}", (finding,))
    findings = [Finding("obstacle", f"{file.path}: {each}") for each in obstacles(text)]
    if not hooks:
        findings.append(Finding("no-hooks", "without hooks, waiting for permission is seen late", CONNECT))
    status_line = f"status line{'' if not hooks else ' and hooks'}"
    return Component("healthy", f"Claude Code is connected ({status_line}){heard}", tuple(findings))


def _heard(config: Config, now: Instant) -> str:
    """When a status line last spoke: to a server, or into the file that waits for one."""
    told = [at for at in (_kept(config), _waiting(config)) if at is not None]
    if not told:
        return "; its status line has not spoken yet"
    at = max(told)
    return f"; its status line spoke {left(now - at)} ago" if at <= now else f"; its status line spoke at {iso(at)}"


def _kept(config: Config) -> Instant | None:
    if not config.db.is_file():
        return None
    try:
        store = Store.read(config.db)
        try:
            return store.status_samples().newest_at()
        finally:
            store.close()
    except StoreError:
        return None


def _waiting(config: Config) -> Instant | None:
    try:
        return round(config.places.spool.stat().st_mtime * SECOND)
    except OSError:
        return None
