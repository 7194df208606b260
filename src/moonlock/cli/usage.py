"""``moonlock usage``: the reports, as a table for people or as one JSON document."""

from __future__ import annotations

import os

import click

from moonlock.cli.asked import LATER, ORDERS, REPORTS, Asked, checked, is_terminal
from moonlock.cli.errors import print_out
from moonlock.cli.given import home, settings


@click.command(epilog=f"Reports: {', '.join(REPORTS)} (to come: {', '.join(LATER)}).")
@click.argument("report", default="daily", metavar="[REPORT]")
@click.option("--since", metavar="DAY", help="From this day on, as YYYY-MM-DD.")
@click.option("--until", metavar="DAY", help="Up to this day, which is included.")
@click.option("--last", metavar="N[d|w|m]", help="The last N days, weeks or months, today included.")
@click.option("--timezone", metavar="ZONE", help="Cut days by this IANA zone instead of the machine's.")
@click.option("--order", type=click.Choice(ORDERS), default="asc", show_default=True, help="Oldest or newest first.")
@click.option("--breakdown", is_flag=True, help="A line for each model.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document (moonlock.usage/1).")
def usage(**said: str | bool | None) -> None:
    """Tokens and money by day.

    Everything is read from the logs on this machine; money is what the API would charge at list price.
    """
    from moonlock.cli.report import made

    asked = checked(Asked(**said))
    found = made(asked, settings({"timezone": asked.timezone}), os.environ, home())
    if asked.as_json:
        from moonlock.outputs import json

        print_out(json.render(found))
        return
    from moonlock.outputs import table

    styled = is_terminal() and "NO_COLOR" not in os.environ
    print_out(table.render(found, _width(), styled=styled, breakdown=asked.breakdown))


def _width() -> int:
    """Columns to fill: those of the terminal, else 80 unless ``COLUMNS`` says something else."""
    import shutil

    return shutil.get_terminal_size((80, 24)).columns
