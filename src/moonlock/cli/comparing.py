"""``moonlock session compare``: two to four sessions of either kind side by side."""

from __future__ import annotations

import click

from moonlock.cli.errors import Trouble, print_out
from moonlock.cli.given import home, settings
from moonlock.cli.helping import examples

EXAMPLES = examples(
    ("moonlock session compare 3f2a 77c1", "how the second differs from the first"),
    ('moonlock session compare "Fix login" "Fix logout" --json', "the same for programs"),
)


@click.command(epilog=EXAMPLES)
@click.argument("sessions", metavar="A B [C D]", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document (moonlock.compare/1).")
def compare(sessions: tuple[str, ...], as_json: bool) -> None:
    """Show two to four sessions side by side; the first is what the others are compared with."""
    import os

    import msgspec

    from moonlock.cli import screen
    from moonlock.cli.called import LIST
    from moonlock.cli.fresh import whole
    from moonlock.live import clock
    from moonlock.live.beside import LEAST, MOST, compared
    from moonlock.outputs.compare import render

    if not LEAST <= len(sessions) <= MOST:
        raise Trouble("usage", f"{len(sessions)} sessions cannot be compared", "name two to four")
    with whole(settings({}), os.environ, home()) as store:
        found = compared(store, sessions, clock.now())
    if all(one.id is None for one in found.sessions):
        raise Trouble("no_such_session", "none of these sessions is known", LIST, 1)
    print_out(msgspec.json.format(msgspec.json.encode(found), indent=2) if as_json else render(found, screen.width()))
