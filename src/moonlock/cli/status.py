"""``moonlock status`` with its help; plain questions are answered by ``glance`` before this is imported."""

from __future__ import annotations

import click

from moonlock.cli import glance
from moonlock.cli.helping import examples

EPILOG = examples(
    ("moonlock status", "one line for a prompt or a bar"),
    ("moonlock status --json", "the same, for a script"),
)


@click.command(epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="One JSON document (moonlock.status/1).")
def status(as_json: bool) -> None:
    """What happens now, in one line.

    The session of this folder, else the one heard of last: what it does, its tokens, cost, context and objectives;
    then limits, the open window, where it may end, and today. `~` marks what the provider did not say itself.

    The running server answers, found by its runtime file or by MOONLOCK_PORT. Without one the store does, and the line
    says how old that is. A server that does not answer is no failure.
    """
    glance.tell(as_json=as_json)
