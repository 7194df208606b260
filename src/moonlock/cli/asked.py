"""What a person asks of a report. Loaded by the quick path: it imports next to nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from moonlock.cli.errors import Trouble

REPORTS = (
    *("daily", "weekly", "monthly", "hourly", "session", "blocks"),
    *("model", "project", "branch", "tool", "skill", "agent"),
)
BY_TIME = frozenset({"daily", "weekly", "monthly", "hourly", "blocks"})
"""Reports that begin with the oldest row; all others begin with the dearest."""
OF_CCUSAGE = ("daily", "weekly", "monthly", "session", "blocks")
"""Reports that ccusage has a shape for."""
FORMATS = ("table", "json", "csv", "ccusage")
COSTS = ("auto", "calculate", "display", "ccusage")
ORDERS = ("asc", "desc")
LISTS = {"--agent": "agents", "--project": "projects", "--model": "models", "--branch": "branches"}
"""Filters: said any number of times, with commas between names where several are given at once."""
VALUES = LISTS | {
    "--since": "since",
    "--until": "until",
    "--last": "last",
    "--timezone": "timezone",
    "--start-of-week": "start_of_week",
    "--order": "order",
    "--format": "format",
    "--cost": "cost",
    "--limit": "limit",
}
SWITCHES = {
    "--json": "as_json",
    "--csv": "as_csv",
    "--breakdown": "breakdown",
    "--active": "active",
    "--recent": "recent",
}
OF_BLOCKS = ("active", "recent", "limit")
"""Flags that only blocks have."""
_CHOICES = {"order": ORDERS, "format": FORMATS, "cost": COSTS}


class Asked:
    """The question as it was put."""

    report: str = "daily"
    since: str | None = None
    until: str | None = None
    last: str | None = None
    timezone: str | None = None
    start_of_week: str | None = None
    agents: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    order: str | None = None
    breakdown: bool = False
    format: str | None = None
    as_json: bool = False
    as_csv: bool = False
    cost: str = "auto"
    active: bool = False
    recent: bool = False
    limit: str | None = None

    def __init__(self, **said: object) -> None:
        self.__dict__.update(said)  # a NamedTuple would need typing, which takes 9 ms to load (decision 0007)


def plain(words: Sequence[str]) -> Asked | None:
    """The question, if it uses nothing but words that are known here; None leaves it to the full reader of options."""
    said: dict[str, object] = {}
    lists: dict[str, tuple[str, ...]] = {}
    rest = list(words)
    while rest:
        word, is_joined, value = rest.pop(0).partition("=")
        if word in SWITCHES and not is_joined:
            said[SWITCHES[word]] = True
        elif word in VALUES and (is_joined or (rest and not rest[0].startswith("-"))):
            value = value if is_joined else rest.pop(0)
            if word in LISTS:
                lists[LISTS[word]] = (*lists.get(LISTS[word], ()), value)
            else:
                said[VALUES[word]] = value
        elif word in REPORTS and not is_joined and "report" not in said:
            said["report"] = word
        else:
            return None
    fits = all(said.get(name, choices[0]) in choices for name, choices in _CHOICES.items())
    return Asked(**said, **lists) if fits else None


def form(asked: Asked) -> str:
    """How the answer is to look; --json and --csv are short for --format."""
    said = [("--format " + asked.format, asked.format)] if asked.format else []
    said += [("--json", "json")] if asked.as_json else []
    said += [("--csv", "csv")] if asked.as_csv else []
    if len({name for _, name in said}) > 1:
        words = " and ".join(word for word, _ in said)
        raise Trouble("usage", f"{words} contradict each other", "an answer has one format")
    return said[0][1] if said else "table"


def wants_json(words: Sequence[str]) -> bool:
    """Whether a mistake in these words is to be told as JSON; what is wrong with them does not matter here."""
    pairs = zip(words, (*words[1:], ""), strict=True)
    return any(word in ("--json", "--format=json") or (word == "--format" and next == "json") for word, next in pairs)


def checked(asked: Asked) -> Asked:
    """The question, if it can be answered at all."""
    if asked.report not in REPORTS:
        raise Trouble("unknown_report", *_no_such(asked.report))
    if asked.last is not None and (asked.since is not None or asked.until is not None):
        raise Trouble("usage", "--last does not go with --since or --until", "give either a span or its days")
    if form(asked) == "ccusage" and asked.report not in OF_CCUSAGE:
        there = ", ".join(OF_CCUSAGE)
        raise Trouble("usage", f"ccusage has no report by {asked.report}", f"it has {there}; --json has every report")
    for name in OF_BLOCKS:
        if getattr(asked, name) and asked.report != "blocks":
            raise Trouble("usage", f"--{name} does not go with {asked.report}", f"use `moonlock usage blocks --{name}`")
    limit(asked)
    for flag, name in LISTS.items():
        names(flag, getattr(asked, name))
    return asked


def limit(asked: Asked) -> int | str | None:
    """The limit of tokens that blocks are held against: a number, ``max``, or None."""
    said = asked.limit
    if said is None or said == "max":
        return said
    if not (said.isascii() and said.isdigit() and 0 < int(said) < 10**15):
        hint = "it takes a number of tokens such as 500000, or max for the biggest finished block"
        raise Trouble("usage", f"--limit cannot be {said!r}", hint)
    return int(said)


def names(flag: str, said: Sequence[str]) -> tuple[str, ...]:
    """The names of a filter, each once, in the order in which they were said."""
    found = {name.strip(): None for part in said for name in part.split(",") if name.strip()}
    if said and not found:
        raise Trouble("usage", f"{flag} names nothing", f"write it as {flag} NAME or {flag} NAME,NAME")
    return tuple(found)


def _no_such(name: str) -> tuple[str, str]:
    from moonlock.config.errors import nearest

    known = *REPORTS, "suggestions"
    close = nearest(name, known)
    meant = f"did you mean {close}? " if close else ""
    return f"no such report: {name}", meant + "there are: " + ", ".join(known)


def log_environment(environ: Mapping[str, str], claude_config_dir: str) -> dict[str, str]:
    """What the sources look at to find their logs."""
    said = dict(environ)
    if claude_config_dir:
        said["CLAUDE_CONFIG_DIR"] = claude_config_dir
    return said


def home_folder() -> str:
    """The home folder; ``HOME`` decides where it is set."""
    from moonlock.config import folders

    found = folders.home()
    if not found:
        raise Trouble("no_home", "this user has no home folder", "set HOME, or MOONLOCK_HOME")
    return found
