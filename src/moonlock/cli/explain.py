"""``moonlock explain``: the records behind a number, the lines that were merged or left out, and the prices."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from moonlock.cli.errors import print_out
from moonlock.cli.given import home, settings
from moonlock.cli.helping import examples

if TYPE_CHECKING:
    from moonlock.config.settings import Config

EXAMPLES = examples(
    ("moonlock explain yesterday", "a day, as `usage daily` counts it"),
    ("moonlock explain 2026-11-19 --json", "every record, merge and price of it"),
    ("moonlock explain session NAME", "a session, by name or id"),
    ("moonlock explain block 2026-11-19T10", "a block, by its start (UTC)"),
    ("moonlock explain total", "everything that was ever read"),
    ("moonlock explain forecast", "how the open window may end, and why"),
    ("moonlock explain quota", "who says each limit, where it leads"),
    ("moonlock explain suggestion KEY", "what it is made of"),
)


@click.command(epilog=EXAMPLES)
@click.argument(
    "what", nargs=-1, metavar="DAY | session NAME | block START | total | forecast | quota | suggestion KEY"
)
@click.option("--timezone", metavar="ZONE", help="Cut days by this IANA zone, not the machine's.")
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=20,
    metavar="N",
    show_default=True,
    help="So many requests, windows of a forecast, or rises of a limit are named.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document (moonlock.explain/1) with everything.")
def explain(what: tuple[str, ...], timezone: str | None, limit: int, as_json: bool) -> None:
    """Why a number is what it is.

    Reads the agents' logs again and shows which lines it was made of: the records that count, with file and line; those
    that were merged as duplicates, and why; what was skipped, repaired or never billed; and each price. It adds up to
    the number of the report, and says so if it does not. Of a forecast it shows the windows that it was made of, and of
    limits who says them.
    """
    config = settings({"timezone": timezone})
    told = {"quota": _quota, "forecast": _forecast}.get(" ".join(what))
    if told is not None:
        print_out(told(config, limit, as_json))
        return
    if what[:1] == ("suggestion",) and len(what) == 2:
        print_out(_suggested(what[1], config, limit, as_json))
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


def _suggested(key: str, config: Config, limit: int, as_json: bool) -> str | bytes:
    from moonlock.cli import screen
    from moonlock.cli.suggested import document, explained
    from moonlock.outputs.suggestions import render_basis

    found = explained(key, config, os.environ, home())
    return document(found) if as_json else render_basis(found, screen.width(), limit)


def _forecast(config: Config, limit: int, as_json: bool) -> str:
    from moonlock.cli import screen
    from moonlock.cli.foreseeing import explained_forecast
    from moonlock.live.foreseen_json import document
    from moonlock.outputs import explain_forecast

    found, place = explained_forecast(config, os.environ, home())
    if as_json:
        return document(found, place)
    return explain_forecast.render(found, place, styled=screen.is_styled(), limit=limit)


def _quota(config: Config, limit: int, as_json: bool) -> str:
    from moonlock.cli.foreseeing import explained_quota
    from moonlock.live.quota_json import document
    from moonlock.outputs import explain_quota

    found, place, now = explained_quota(config, os.environ, home())
    return document(found, place, now) if as_json else explain_quota.render(found, place, now, limit)
