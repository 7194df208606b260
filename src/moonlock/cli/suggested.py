"""``moonlock usage suggestions`` and ``moonlock explain suggestion KEY``: what may be done better, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from moonlock.cli.asked import OF_BLOCKS, Asked, form
from moonlock.cli.days import Days
from moonlock.cli.errors import Trouble
from moonlock.cli.fresh import whole
from moonlock.cli.prices import priced
from moonlock.config.settings import Config
from moonlock.live import clock, efficiency
from moonlock.model.efficiency_shapes import HintBasis, HintList

REPORT, ONE = "suggestions", "suggestion"
LAST = "7d"
"""The days when none are named."""
_NOT_HERE = ("agents", "projects", "models", "branches", "breakdown", "order", "start_of_week", *OF_BLOCKS)
_PLAIN = Asked()


def checked(asked: Asked) -> Asked:
    """The question, with the days of the last week where none are named."""
    for name in _NOT_HERE:
        if getattr(asked, name) != getattr(_PLAIN, name):
            flag = "--" + name.rstrip("s").replace("branche", "branch").replace("_", "-")
            raise Trouble("usage", f"{flag} does not go with suggestions", "they are made of all usage of some days")
    if asked.cost != _PLAIN.cost:
        raise Trouble("usage", "--cost does not go with suggestions", "they compare list prices")
    if form(asked) not in ("table", "json"):
        raise Trouble("usage", f"suggestions have no form {form(asked)}", "say --json, or nothing for text")
    if asked.last is not None and (asked.since is not None or asked.until is not None):
        raise Trouble("usage", "--last does not go with --since or --until", "give either a span or its days")
    named = asked.since is not None or asked.until is not None or asked.last is not None
    return asked if named else Asked(**{**asked.__dict__, "last": LAST})


def suggestions(asked: Asked, config: Config, env: Mapping[str, str], home: Path) -> HintList:
    """All suggestions of some days."""
    question = _question(asked, config, env)
    with whole(config, env, home) as store, store.still():
        return efficiency.listed(store, question)


def explained(key: str, config: Config, env: Mapping[str, str], home: Path) -> HintBasis:
    """All that one suggestion of the last week is made of."""
    question = _question(Asked(last=LAST), config, env)
    with whole(config, env, home) as store, store.still():
        found = efficiency.basis(store, question, key, 1 << 31)
    if found is None or found.suggestion is None:
        raise Trouble(
            "no_such_suggestion",
            f"nothing called {key!r} is suggested for the last {LAST}",
            "`moonlock usage suggestions` lists what is",
            1,
        )
    return found


def document(found: HintList | HintBasis) -> bytes:
    return msgspec.json.format(msgspec.json.encode(found), indent=2)


def _question(asked: Asked, config: Config, env: Mapping[str, str]) -> efficiency.Asked:
    return efficiency.Asked(Days(asked, config.timezone, env, clock.now()), priced(config).table)
