"""What ``doctor`` says of files that agents keep beside their logs: plan, statistics, settings. Each may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from moonlock.cli.stored import stored
from moonlock.config.settings import Config
from moonlock.live.quota_shapes import plan_shape
from moonlock.model.health import Component, Finding
from moonlock.model.instant import DAY, Instant
from moonlock.model.words import many
from moonlock.sources import ALL
from moonlock.sources.base import Historian, Preferring, Subscriber

RECENT = 30
"""Sessions whose projects may have settings."""
NO_PLAN = Finding(
    "no-plan",
    "No agent's configuration names a plan: whoever pays by request has none.",
    "Log in to Claude Code with a subscription, and it writes its plan there by itself.",
)
NO_STATISTICS = Finding(
    "no-statistics",
    "No agent kept statistics here, so days from before the oldest log cannot be shown, not even roughly.",
    "Nothing to do: Claude Code writes stats-cache.json by itself, or does not.",
)


def plan(env: Mapping[str, str], home: Path) -> Component:
    """What the user pays for, as the agent's configuration says now."""
    told = (source.plan(env, home) for source in ALL if isinstance(source, Subscriber))
    found = next((one for one in told if one is not None), None)
    if found is None:
        return Component("healthy", "not told", (NO_PLAN,))
    return Component("healthy", f"{plan_shape(found).name}, by the agent's own configuration as it is now")


def statistics(env: Mapping[str, str], home: Path) -> Component:
    """Days that an agent counted by itself, how far they reach, and what of them could not be used."""
    told = [source.history(env, home) for source in ALL if isinstance(source, Historian)]
    days = sorted({seed.day for one in told for seed in one.seeds})
    troubles = tuple(trouble for one in told for trouble in one.troubles)
    if not days:
        return Component("healthy", "none", troubles or (NO_STATISTICS,))
    return Component("healthy", f"{many(len(days), 'day')}, the newest {days[-1]}; shown as approximate", troubles)


def settings(config: Config, env: Mapping[str, str], home: Path, now: Instant) -> Component:
    """Settings files that say something of contexts: the user's, and those of the projects of the last day."""
    folders = _projects(config, now)
    read = [source.preferences(env, home) for source in ALL if isinstance(source, Preferring)]
    for each in read:
        each.look(folders)
    files = sorted(path for each in read for path in each.files())
    troubles = tuple(trouble for each in read for trouble in each.troubles())
    findings = [Finding("settings-file", f"{path}: read as it is now") for path in files]
    where = f"{many(len(files), 'file')} of the user and of {many(len(folders), 'project')} of the last day"
    return Component("healthy", f"{where}; of them only what is about contexts is read", (*findings, *troubles))


def _projects(config: Config, now: Instant) -> set[str]:
    sessions = stored(config, lambda store: store.sessions(now - DAY, RECENT)) or []
    return {session.cwd for session in sessions if session.cwd}
