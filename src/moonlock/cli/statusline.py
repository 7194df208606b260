"""``moonlock statusline`` as help tells it; ``shim`` does it, before Click is imported."""

from __future__ import annotations

import click

from moonlock.cli.helping import examples

EXAMPLES = examples(
    ("moonlock connect claude-code", "what sets it up"),
    ("moonlock statusline --then my-line", "let your own command draw it"),
)


@click.command(epilog=EXAMPLES)
@click.option("--then", metavar="COMMAND", help="Your own command: it gets the same input, and draws the line.")
def statusline(then: str | None) -> int:
    """Record what the agent says of itself, and print one line.

    For an agent's settings, not for people: it reads Claude Code's status line JSON on standard input. Whatever goes
    wrong, it prints what it knows and exits with 0.
    """
    from moonlock.cli.shim import answered

    return answered(["--then", then] if then else []) or 0
