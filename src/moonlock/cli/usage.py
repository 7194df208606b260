"""``moonlock usage``: the reports, as a table for people, or as JSON or CSV for programs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from moonlock.cli.asked import COSTS, FORMATS, ORDERS, Asked, checked, form, names
from moonlock.cli.errors import print_out
from moonlock.cli.given import home, settings
from moonlock.cli.helping import Sectioned, examples

if TYPE_CHECKING:
    from moonlock.model.report import Report

SECTIONS = (
    ("Which days", ("since", "until", "last", "timezone", "start_of_week")),
    ("Which usage", ("agents", "projects", "models", "branches")),
    ("What it looks like", ("breakdown", "order", "as_json", "as_csv", "format")),
    ("What it costs", ("cost",)),
    ("Blocks only", ("active", "recent", "limit")),
)
EXAMPLES = examples(
    ("moonlock usage", "tokens and money by day"),
    ("moonlock usage --last 7d --breakdown", "the last week, by model too"),
    ("moonlock usage monthly --project web,api", "two projects, by month"),
    ("moonlock usage session --since yesterday", "sessions, dearest first"),
    ("moonlock usage branch --project web", "what each branch took"),
    ("moonlock usage blocks --active --limit max", "the window that runs now"),
    ("moonlock usage model --csv > models.csv", "for a spreadsheet"),
    ("moonlock usage suggestions", "what could be saved"),
)


@click.command(cls=Sectioned, sections=SECTIONS, epilog=EXAMPLES)
@click.argument("report", default="daily", metavar="[REPORT]")
@click.option("--since", metavar="DAY", help="From this day on: YYYY-MM-DD, today or yesterday.")
@click.option("--until", metavar="DAY", help="Up to this day, which is included.")
@click.option("--last", metavar="N[d|w|m]", help="The last N days, weeks or months, today included.")
@click.option("--timezone", metavar="ZONE", help="Cut days by this IANA zone, not the machine's.")
@click.option("--start-of-week", metavar="WEEKDAY", help="Weeks begin with this day: sunday, sun.")
@click.option("--agent", "agents", metavar="NAME", multiple=True, help="Only of this agent; NAME,NAME for several.")
@click.option("--project", "projects", metavar="NAME", multiple=True, help="Only in this project.")
@click.option("--model", "models", metavar="NAME", multiple=True, help="Only of this model; claude- may be left out.")
@click.option("--branch", "branches", metavar="NAME", multiple=True, help="Only on this git branch.")
@click.option("--breakdown", is_flag=True, help="A line for each model.")
@click.option("--order", type=click.Choice(ORDERS), help="Oldest or cheapest first; or newest or dearest.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document (moonlock.usage/1).")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values with a header line.")
@click.option("--format", type=click.Choice(FORMATS), help="The same by name; ccusage is JSON with its keys.")
@click.option(
    "--cost",
    type=click.Choice(COSTS),
    default="auto",
    show_default=True,
    help="Recorded in the log else computed, always computed, recorded only, or by ccusage's rules.",
)
@click.option("--active", is_flag=True, help="Only the block that runs now.")
@click.option("--recent", is_flag=True, help="Only blocks of the last three days.")
@click.option("--limit", metavar="N|max", help="Hold each against N tokens, or the biggest so far.")
def usage(**said: object) -> None:
    """What was used, as the report that is named: tokens and money.

    \b
    Reports by time:  daily (if none is named), weekly, monthly, hourly,
                      blocks (windows of five hours)
    Reports by what:  session, model, project, branch, tool, skill, agent
    And:              suggestions (of the last seven days, if none are named)

    Everything is read from the logs on this machine; money is what the API would charge at list price. Reports over the
    same days and filters add up to the same totals.
    """
    from moonlock.cli import suggested
    from moonlock.cli.report import made

    if said["report"] == suggested.REPORT:
        print_out(_suggested(suggested.checked(Asked(**said))))
        return
    asked = checked(Asked(**said))
    config = settings({"timezone": asked.timezone, "start_of_week": asked.start_of_week})
    print_out(_drawn(made(asked, config, os.environ, home()), asked))


def _suggested(asked: Asked) -> str | bytes:
    from moonlock.cli import screen
    from moonlock.cli.suggested import document, suggestions
    from moonlock.outputs.suggestions import render

    found = suggestions(asked, settings({"timezone": asked.timezone}), os.environ, home())
    return document(found) if form(asked) == "json" else render(found, screen.width())


def _drawn(report: Report, asked: Asked) -> str | bytes:
    chosen = form(asked)
    if chosen == "json":
        from moonlock.outputs import json

        return json.render(report)
    if chosen == "csv":
        from moonlock.outputs import csv

        return csv.render(report, breakdown=asked.breakdown)
    if chosen == "ccusage":
        from moonlock.outputs import ccusage

        return ccusage.render(report, agents=names("--agent", asked.agents))
    from moonlock.cli import screen
    from moonlock.outputs import table

    return table.render(report, screen.width(), styled=screen.is_styled(), breakdown=asked.breakdown)
