"""The warm path of ``usage … --json``: answered before Click, Rich, YAML, msgspec, typing or pathlib are imported.

Status bars and scripts ask for it all day long, so its start-up is budgeted: tests/cli/test_quick.py holds what it may
load, and decision 0007 says why. It answers when there is nothing to read and nothing to complain of; all else, be it
new lines, a wrong setting or a damaged store, is for the full path.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence

from moonlock.cli.asked import Asked, checked, form, home_folder, log_environment, plain
from moonlock.cli.asking import OF_NOW, AllOfUtc, found
from moonlock.cli.errors import Trouble, print_out, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.cli.days import Days
    from moonlock.cli.known import Look
    from moonlock.config.said import Said
    from moonlock.store import Store


def answered(words: Sequence[str]) -> int | None:
    """The exit code when the question was answered here; None when it is not an everyday one."""
    asked = plain(words)
    if asked is None or not _is_everyday(asked):
        return None
    try:
        print_out(_known(asked) or _read(asked))
    except Trouble as trouble:
        tell(trouble.code, trouble.message, trouble.hint, as_json=True)
        return trouble.status
    except KeyboardInterrupt:
        return 130
    except OSError as failure:
        tell("failed", failure.strerror or str(failure), "`moonlock doctor` says how each part does", as_json=True)
        return 2
    return 0


def _is_everyday(asked: Asked) -> bool:
    """Whether the store has the answer as it is: other costs are made request by request, other formats load more."""
    try:
        return form(asked) == "json" and asked.cost == "auto"
    except Trouble:
        return False


def _known(asked: Asked) -> bytes | None:
    """The document from the store as it is, if that holds all there is."""
    from moonlock.config.errors import ConfigError
    from moonlock.config.said import said
    from moonlock.live import usage_json
    from moonlock.store.errors import StoreError

    gc.disable()  # what is made here is small and lives until it is printed
    try:
        home = home_folder()
        flags = {"timezone": asked.timezone, "start_of_week": asked.start_of_week}
        settings = said(flags, os.environ, home)
        days = _days(checked(asked), str(settings.values.get("timezone", "")))
        fresh = _fresh(settings, home)
        if fresh is None:
            return None
        store, look = fresh
        try:
            answer = found(store, asked, days, str(settings.values.get("start_of_week", "")))
            document = usage_json.written((asked.report, days.name, days.since, days.until), *answer)
        finally:
            is_all = look is None or look.holds()
        return document if is_all else None
    except (Trouble, ConfigError, StoreError, OSError):
        return None  # the full path meets it too, and tells it
    finally:
        gc.enable()


def _days(asked: Asked, timezone: str) -> Days | AllOfUtc:
    """The days of the report; the clock is looked at where it matters."""
    from moonlock.config.zone import local_zone

    is_all = asked.since is asked.until is asked.last is None
    if is_all and (timezone or local_zone(os.environ)) == "UTC":
        return AllOfUtc(_now() if asked.report in OF_NOW else 0)
    from moonlock.cli.days import Days

    return Days(asked, timezone, os.environ, _now())


def _now() -> int:
    from moonlock.live import clock

    return clock.now()


def _fresh(settings: Said, home: str) -> tuple[Store, Look | None] | None:
    """The store, and the look at the logs that tells whether it has them all; beside a server it has."""
    from moonlock.cli import known
    from moonlock.cli.served import is_served
    from moonlock.config import folders
    from moonlock.store import Store

    values = settings.values
    data = folders.folders(os.environ, home)[1]
    path = str(values.get("db", folders.store(data)))
    if not os.path.isfile(path):
        return None
    if is_served(folders.runs(data), path):
        return Store.read(path), None
    prices = known.prices_of(str(values.get("prices", "")), values.get("price_overrides", {}), home)
    env = log_environment(os.environ, str(values.get("claude_config_dir", "")))
    store = Store.read(path)
    look = known.look(store.note(), prices, env)
    return None if look is None else (store, look)


def _read(asked: Asked) -> bytes:
    """The document after everything new was read."""
    from moonlock.cli.given import home, settings
    from moonlock.cli.report import made
    from moonlock.outputs import json

    config = settings({"timezone": asked.timezone, "start_of_week": asked.start_of_week})
    return json.render(made(checked(asked), config, os.environ, home()))
