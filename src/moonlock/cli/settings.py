"""``moonlock config``: what is in force, and who said so."""

from __future__ import annotations

import json

import click

from moonlock.cli.errors import print_out
from moonlock.cli.given import settings, settings_file
from moonlock.config.settings import SETTINGS
from moonlock.config.shown import shown as value_of

LONGEST = 80
"""Values longer than this stand out of the column."""


@click.group()
def config() -> None:
    """Settings in force, and where each comes from."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def show(as_json: bool) -> None:
    """List every setting with its value and origin."""
    known = settings({})
    if as_json:
        rows = {name: {"value": value_of(known, name), "origin": known.origins[name]} for name in SETTINGS}
        print_out(json.dumps({"schema": "moonlock.config/1", "settings": rows}, indent=2))
        return
    shown = {name: _text(value_of(known, name)) for name in SETTINGS}
    wide, long = max(map(len, SETTINGS)), min(LONGEST, max(map(len, shown.values())))
    print_out("\n".join(f"{name:{wide}}  {shown[name]:{long}}  {known.origins[name]}" for name in SETTINGS))


@config.command()
def path() -> None:
    """Print the path of the settings file, whether it exists or not."""
    print_out(settings_file())


def _text(value: object) -> str:
    return value or "-" if isinstance(value, str) else json.dumps(value)
