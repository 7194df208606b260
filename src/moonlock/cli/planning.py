"""From what a person types to the plan of a session by hand."""

from __future__ import annotations

from collections.abc import Mapping

from moonlock.cli.errors import Trouble
from moonlock.model.label import LONGEST_NAME, UnfitLabel, line
from moonlock.model.manual import LONGEST_WORD, MOST_MONEY, MOST_TOKENS, Budget, Follow, Plan, Posting
from moonlock.model.timer import LONGEST, SHORTEST

WHOM = "name all, none, project:NAME or session:X"


def planned(said: Mapping[str, object]) -> Plan:
    """The plan; ``Trouble`` for what cannot be one."""
    duration, tokens, cost = said["duration"], said["tokens"], said["cost"]
    assert isinstance(duration, int)
    if not SHORTEST <= duration <= LONGEST:
        raise Trouble("usage", "a session lasts a second at least and a day at most", "say it like --duration 90m")
    micro = None if cost is None else round(float(str(cost)) * 1_000_000)
    if tokens is not None and not 1 <= int(str(tokens)) <= MOST_TOKENS:
        raise Trouble("usage", "a budget has one token at least", "say it like --tokens 500k")
    if micro is not None and not 1 <= micro <= MOST_MONEY:
        raise Trouble("usage", "a budget is more than nothing, and at most a million dollars", "say it like --cost 20")
    return Plan(
        name=word(str(said["name"]), LONGEST_NAME, "a name"),
        duration=duration,
        budget=Budget(None if tokens is None else int(str(tokens)), micro),
        project="" if said["project"] is None else word(str(said["project"]), LONGEST_WORD, "a project"),
        follow=_followed(str(said["follow"])),
    )


def posted(count: int, operation: str | None, model: str | None) -> Posting:
    """A count of tokens that can be kept."""
    if count > MOST_TOKENS:
        raise Trouble("usage", f"{count:,} tokens are too many", f"at most {MOST_TOKENS:,} at once")
    return Posting(
        tokens=count,
        operation=None if operation is None else word(operation, LONGEST_WORD, "an operation"),
        model=None if model is None else word(model, LONGEST_WORD, "a model"),
    )


def word(said: str, longest: int, what: str) -> str:
    """One line as it can be kept."""
    try:
        return line(said, longest, what)
    except UnfitLabel as wrong:
        raise Trouble("usage", str(wrong), wrong.hint) from wrong


def _followed(said: str) -> Follow:
    kind, _, of = said.partition(":")
    if kind == "project" and of:
        return Follow("project", of)
    if kind == "session" and of:
        return Follow("session", of)
    if said == "all":
        return Follow("all")
    if said == "none":
        return Follow()
    raise Trouble("usage", f"{said!a} is nobody to follow", WHOM)
