"""What was wrong with a command line, in plain words, and the nearest right one."""

from __future__ import annotations

from collections.abc import Iterable

import click

from moonlock.cli.helping import takes
from moonlock.config.errors import nearest

KINDS = {"integer range": "a whole number", "float range": "a number", "integer": "a whole number"}
"""Click's names for what a value should be, in plain words."""

Told = tuple[str, str]
"""What happened, and what to do."""


def told(wrong: click.UsageError) -> Told:
    """The mistake as the command line says it."""
    path = wrong.ctx.command_path if wrong.ctx else "moonlock"
    hint = f"`{path} --help` shows what there is"
    if isinstance(wrong, click.NoSuchOption):
        return f"no such option: {wrong.option_name}", _meant(wrong.option_name, wrong.possibilities or ()) + hint
    if isinstance(wrong, click.BadOptionUsage):
        return _plainly(wrong), _needed(wrong) or hint
    if isinstance(wrong, click.BadParameter) and isinstance(wrong.param and wrong.param.type, click.Choice):
        return _plainly(wrong), _choice(wrong) + hint
    message = wrong.format_message()
    if message.startswith("No such command"):
        named = message.split("'")[1]
        return f"no such command: {named}", _command(wrong, named, path) + hint
    return _plainly(wrong), hint


def _plainly(wrong: click.UsageError) -> str:
    message = wrong.format_message().rstrip(".")
    for kind, plainly in KINDS.items():
        message = message.replace(f"is not a valid {kind}", f"is not {plainly}")
    return message[:1].lower() + message[1:]


def _meant(name: str, known: Iterable[str]) -> str:
    close = nearest(name, known)
    return f"did you mean {close}? " if close else ""


def _needed(wrong: click.BadOptionUsage) -> str:
    """What an option takes that was given without a value."""
    params = wrong.ctx.command.params if wrong.ctx else ()
    named = [option for option in params if isinstance(option, click.Option) and wrong.option_name in option.opts]
    return takes(named[0], wrong.ctx) if named and wrong.ctx else ""


def _choice(wrong: click.BadParameter) -> str:
    """The word of a list that was most likely meant."""
    said = wrong.message.split("'")[1:2]
    choices = wrong.param.type.choices if wrong.param and isinstance(wrong.param.type, click.Choice) else ()
    return _meant(said[0], map(str, choices)) if said else ""


def _command(wrong: click.UsageError, named: str, path: str) -> str:
    group = wrong.ctx.command if wrong.ctx else None
    close = nearest(named, group.list_commands(wrong.ctx)) if wrong.ctx and isinstance(group, click.Group) else None
    return f"did you mean `{path} {close}`? " if close else ""
