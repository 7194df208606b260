"""``moonlock explain``: the records behind a number, the lines that were merged or left out, and the prices."""

from __future__ import annotations

import os
from functools import partial

import click

from moonlock.cli.errors import print_out
from moonlock.cli.given import home, settings
from moonlock.cli.helping import examples

EXAMPLES = examples(
    ("moonlock explain yesterday", "a day, as `usage daily` counts it"),
    ("moonlock explain 2026-11-19 --json", "every record, merge and price of it"),
    ("moonlock explain session NAME", "a session, by name or id"),
    ("moonlock explain block 2026-11-19T10", "a block, by its start (UTC)"),
    ("moonlock explain total", "everything that was ever read"),
    ("moonlock explain forecast", "how the open window may end, and why"),
)


@click.command(epilog=EXAMPLES)
@click.argument("what", nargs=-1, metavar="DAY | session NAME | block START | total | forecast")
@click.option("--timezone", metavar="ZONE", help="Cut days by this IANA zone, not the machine's.")
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=20,
    metavar="N",
    show_default=True,
    help="So many requests, or windows of a forecast, are named.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document (moonlock.explain/1) with everything.")
def explain(what: tuple[str, ...], timezone: str | None, limit: int, as_json: bool) -> None:
    """Why a number is what it is.

    Reads the agents' logs again and shows which lines it was made of: the records that count, with file and line; those
    that were merged as duplicates, and why; what was skipped, repaired or never billed; and each price. It adds up to
    the number of the report, and says so if it does not. Of a forecast it shows the windows that it was made of.
    """
    config = settings({"timezone": timezone})
    if what == ("forecast",):
        from moonlock.cli import screen
        from moonlock.cli.foreseeing import explained_forecast
        from moonlock.live.foreseen_json import document
        from moonlock.outputs import explain_forecast

        foreseen, place = explained_forecast(config, os.environ, home())
        as_text = partial(explain_forecast.render, styled=screen.is_styled(), limit=limit)
        print_out(document(foreseen, place) if as_json else as_text(foreseen, place))
        return
    from moonlock.cli.explaining import explained

    found, zone, table = explained(what, config, os.environ, home())
    if as_json:
        from moonlock.live import explain_json

        print_out(explain_json.render(found, zone, table))
        return
    from moonlock.cli import screen
    from moonlock.outputs import explain as text

    print_out(text.render(found, zone, screen.width(), styled=screen.is_styled(), limit=limit))
