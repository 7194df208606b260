"""What a person asks of a report, and which days that means. Loaded by the quick path: it imports next to nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from moonlock.cli.errors import Trouble

REPORTS = ("daily",)
"""Those that exist today."""
LATER = ("weekly", "monthly", "hourly", "session", "blocks", "model", "project", "branch", "tool", "agent")
VALUES = {"--since", "--until", "--last", "--timezone", "--order"}
SWITCHES = {"--json": "as_json", "--breakdown": "breakdown"}
ORDERS = ("asc", "desc")


class Asked:
    """The question as it was put."""

    report: str = "daily"
    since: str | None = None
    until: str | None = None
    last: str | None = None
    timezone: str | None = None
    order: str = "asc"
    breakdown: bool = False
    as_json: bool = False

    def __init__(self, **said: str | bool | None) -> None:
        self.__dict__.update(said)  # a NamedTuple would need typing, which takes 9 ms to load (decision 0007)


def plain(words: Sequence[str]) -> Asked | None:
    """The question, if it uses nothing but everyday words; None leaves it to the full reader of options."""
    said: dict[str, str] = {}
    switched: set[str] = set()
    rest = list(words)
    while rest:
        word, is_joined, value = rest.pop(0).partition("=")
        if word in SWITCHES and not is_joined:
            switched.add(SWITCHES[word])
        elif word in VALUES and (is_joined or (rest and not rest[0].startswith("-"))):
            said[word[2:]] = value if is_joined else rest.pop(0)
        elif word in REPORTS and not is_joined and "report" not in said:
            said["report"] = word
        else:
            return None
    if said.get("order", "asc") not in ORDERS:
        return None
    return Asked(**said, **dict.fromkeys(switched, True))


def checked(asked: Asked) -> Asked:
    """The question, if it can be answered at all."""
    if asked.report not in REPORTS:
        raise Trouble("unknown_report", *_no_such(asked.report))
    if asked.last is not None and (asked.since is not None or asked.until is not None):
        raise Trouble("usage", "--last does not go with --since or --until", "give either a span or its days")
    return asked


def _no_such(name: str) -> tuple[str, str]:
    there = "there is now: " + ", ".join(REPORTS)
    if name in LATER:
        return f"the report {name} is not built yet", there
    from moonlock.config.errors import nearest

    close = nearest(name, REPORTS + LATER)
    meant = f"did you mean {close}? " if close in REPORTS else ""
    return f"no such report: {name}", meant + there


def log_environment(environ: Mapping[str, str], claude_config_dir: str) -> dict[str, str]:
    """What the sources look at to find their logs."""
    said = dict(environ)
    if claude_config_dir:
        said["CLAUDE_CONFIG_DIR"] = claude_config_dir
    return said


def is_terminal() -> bool:
    """Whether a person looks at what is printed."""
    try:
        return sys.stdout.isatty()
    except ValueError:  # closed
        return False


def home_folder() -> str:
    """The home folder; ``HOME`` decides where it is set."""
    found = os.path.expanduser("~")
    if found == "~":
        raise Trouble("no_home", "this user has no home folder", "set HOME, or MOONLOCK_HOME")
    return found
