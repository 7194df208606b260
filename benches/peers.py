"""Other tools that add up the same logs: how each is asked, and what it answers. Those that are found are run."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

KINDS = ("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens")


class Totals(NamedTuple):
    """Tokens by kind and dollars; None where the tool says nothing."""

    tokens: tuple[int, ...] | None
    dollars: float | None


class Peer(NamedTuple):
    """A tool, and its words. ``cold`` reads everything; ``warm`` is the same question again."""

    name: str
    program: tuple[str, ...]
    version: tuple[str, ...]
    cold: tuple[str, ...]
    warm: tuple[str, ...]
    stop: tuple[str, ...] = ()
    """Ends what the tool leaves running."""
    note: str = ""


def found() -> list[Peer]:
    """The tools on this machine: by name on PATH, or as MOONLOCK_BENCH_CCUSAGE, _AGENTSVIEW, _CLAUDE_MONITOR say."""
    peers = [_ccusage("ccusage (npm)", _program("CCUSAGE_NPM", "ccusage")), _ccusage("ccusage (native)", _named())]
    peers += [_agentsview(_program("AGENTSVIEW", "agentsview"))]
    peers += [_claude_monitor(_program("CLAUDE_MONITOR", "claude-monitor"))]
    return [peer for peer in peers if peer.program]


def version(peer: Peer, env: Mapping[str, str]) -> str:
    said = _said([*peer.program, *peer.version], env)
    words = [word for word in said.replace("v", " ").split() if word[:1].isdigit()]
    return words[0] if words else "?"


def totals(peer: Peer, env: Mapping[str, str]) -> Totals:
    """What the tool says it all adds up to."""
    try:
        said: dict[str, Any] = json.loads(_said([*peer.program, *peer.warm], env))
    except json.JSONDecodeError:
        return Totals(None, None)
    sums = said.get("totals")
    if not isinstance(sums, dict):
        return Totals(None, None)
    money = sums.get("totalCost", sums.get("costUsd"))
    if isinstance(money, dict):
        money = money["microdollars"] / 1e6
    return Totals(tuple(sums[kind] for kind in KINDS), money)


def _ccusage(name: str, program: tuple[str, ...]) -> Peer:
    asked = ("claude", "daily", "--json", "--offline", "-z", "UTC")
    return Peer(name, program, ("--version",), asked, asked, note="keeps no index: again is as long as first")


def _agentsview(program: tuple[str, ...]) -> Peer:
    warm = ("usage", "daily", "--json", "--all", "--offline", "--timezone", "UTC", "--agent", "claude")
    note = "its server works on in the background: CPU and memory of that are not in the row"
    return Peer("agentsview", program, ("--version",), ("sync",), warm, ("daemon", "stop"), note)


def _claude_monitor(program: tuple[str, ...]) -> Peer:
    asked = ("--once", "--output", "json", "--timezone", "UTC")
    return Peer("claude-monitor", program, ("--version",), asked, asked, note="prints the last days, no total of all")


def _program(variable: str, name: str) -> tuple[str, ...]:
    named = os.environ.get(f"MOONLOCK_BENCH_{variable}") or shutil.which(name)
    return tuple(shlex.split(named)) if named else ()


def _named() -> tuple[str, ...]:
    named = os.environ.get("MOONLOCK_BENCH_CCUSAGE")
    return tuple(shlex.split(named)) if named else ()


def _said(command: Sequence[str], env: Mapping[str, str]) -> str:
    done = subprocess.run(command, env=dict(env), capture_output=True, encoding="utf-8", check=False, timeout=600)
    return done.stdout


def linked(home: Path, into: Path) -> Path:
    """A home of its own with the same logs: some tools write into the home they read."""
    shutil.copytree(home / ".claude", into / ".claude", copy_function=_link)
    return into


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target
