"""What ``doctor`` says of the line between an agent and Moonlock: whether it is there, and when it was last used."""

from __future__ import annotations

from moonlock.cli.connect import settings_file
from moonlock.cli.errors import Trouble
from moonlock.cli.stored import stored
from moonlock.config.settings import Config
from moonlock.model.health import Component, Finding
from moonlock.model.instant import SECOND, Instant, iso
from moonlock.outputs.status import left
from moonlock.sources.claude_code.connecting import Unfit, obstacles, speaks

CONNECT = "`moonlock connect claude-code` shows what it would change, and asks"


def connection(config: Config, now: Instant) -> Component:
    """Whether Claude Code tells its limits and its state; without it both are estimated from its logs."""
    file = settings_file(config)
    try:
        text = file.text()
        line, hooks = speaks(text)
    except (Trouble, Unfit) as wrong:
        return Component("degraded", "not known", (Finding("settings-unread", f"{file.path}: {wrong}", "repair it"),))
    spoke = _spoke(config)
    heard = _heard(spoke, now)
    if not line:
        silent = "official limits and the state of sessions are not told"
        said = silent if spoke is None else f"{file.path} does not call Moonlock, something else does or did"
        finding = Finding("not-connected", said, CONNECT)
        return Component("healthy", f"Claude Code is not connected{heard}", (finding,))
    findings = [Finding("obstacle", f"{file.path}: {each}") for each in obstacles(text)]
    if not hooks:
        findings.append(Finding("no-hooks", "without hooks, waiting for permission is seen late", CONNECT))
    status_line = f"status line{'' if not hooks else ' and hooks'}"
    return Component("healthy", f"Claude Code is connected ({status_line}){heard}", tuple(findings))


def _spoke(config: Config) -> Instant | None:
    """When a status line last spoke: to a server, or into the file that waits for one."""
    return max((at for at in (_kept(config), _waiting(config)) if at is not None), default=None)


def _heard(at: Instant | None, now: Instant) -> str:
    if at is None:
        return "; its status line has not spoken yet"
    return f"; its status line spoke {left(now - at)} ago" if at <= now else f"; its status line spoke at {iso(at)}"


def _kept(config: Config) -> Instant | None:
    return stored(config, lambda store: store.status_samples().newest_at())


def _waiting(config: Config) -> Instant | None:
    try:
        return round(config.places.spool.stat().st_mtime * SECOND)
    except OSError:
        return None
