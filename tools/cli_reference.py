"""The command line as a page of documentation: what `--help` of every command prints, on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from moonlock.cli.door import moonlock

WIDTH = 100
HEAD = """# The command line

This page is what `--help` prints, made by `tools/generate.py` from the commands themselves.

Exit codes: 0 done, 1 the thing asked about is not healthy or not found, 2 wrong use or cannot start. Errors go to
standard error as `error:` and `hint:`; with `--json` as `{"error":{"code","message","hint"}}`.
"""


def commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """The path of each command and its help, groups before what is in them."""
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                inner = click.Context(found, parent=context, info_name=name, terminal_width=WIDTH)
                yield from commands(found, inner)


def page() -> str:
    context = click.Context(moonlock, info_name="moonlock", terminal_width=WIDTH, help_option_names=["-h", "--help"])
    parts = [HEAD]
    for path, said in commands(moonlock, context):
        parts.append(f"## {path}\n\n```\n{said.rstrip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
