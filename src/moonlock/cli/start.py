"""``moonlock start``: the server and its page, on the user's logs or on a simulation."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from moonlock.cli.errors import Trouble
from moonlock.cli.helping import examples

if TYPE_CHECKING:
    from moonlock.config.settings import Config

PORTS = click.IntRange(0, 65535)
SPEEDS = click.FloatRange(0.1, 1000)


EXAMPLES = examples(
    ("moonlock", "the page on your own sessions"),
    ("moonlock start --port 4000 --no-browser", "at another port, opened by you"),
    ("moonlock start --simulation --speed 60", "an invented day, a minute a second"),
)


@click.command(epilog=EXAMPLES)
@click.option("--port", type=PORTS, metavar="PORT", help="Where to listen; 0 takes any free port.  [default: 3001]")
@click.option(
    "--host", metavar="ADDRESS", help="Address to listen on; any but loopback asks for the token.  [default: 127.0.0.1]"
)
@click.option("--no-browser", is_flag=True, help="Do not open the page in a browser.")
@click.option("--simulation", is_flag=True, help="Show invented sessions; your logs and your store stay untouched.")
@click.option("--speed", type=SPEEDS, metavar="TIMES", help="How fast the simulation runs.  [default: 1]")
@click.option("--seed", type=int, metavar="NUMBER", help="The same number gives the same simulation.")
@click.option("--db", type=click.Path(dir_okay=False), help="Another store than that of the data folder.")
@click.pass_context
def start(context: click.Context, /, **said: str | int | float | bool | None) -> int:
    """Serve the live page.

    Reads the logs that your agents write, as they write them, and shows what they do. Ctrl-C ends it.
    """
    given = {name: value for name, value in said.items() if value not in (None, False)}
    if not said["simulation"] and (lost := [name for name in ("speed", "seed") if name in given]):
        raise Trouble("usage", f"--{lost[0]} goes with --simulation only", "add --simulation, or leave it out")
    if said["simulation"] and said["db"]:
        raise Trouble("usage", "--db does not go with --simulation", "a simulation has a store of its own")
    from moonlock.cli.given import settings

    flags = {name: said[name] for name in ("port", "host", "db")}
    config = settings({**flags, "open_browser": False if said["no_browser"] else None})
    from moonlock.cli.serving import Plan, served

    return served(
        Plan(
            config=config,
            simulation=bool(said["simulation"]),
            speed=float(said["speed"] or 1),
            seed=None if said["seed"] is None else int(said["seed"]),
            args=tuple(_args(given)),
            browser=wants_browser(config, os.environ),
        )
    )


def wants_browser(config: Config, env: Mapping[str, str]) -> bool:
    """Whether there is a person who can see a browser: not in CI, over SSH or without a display."""
    if not config.open_browser or env.get("CI") or env.get("SSH_CONNECTION"):
        return False
    return sys.platform in ("darwin", "win32") or bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def _args(given: Mapping[str, str | int | float | bool | None]) -> list[str]:
    """The options again, for ``restart``."""
    words = []
    for name, value in given.items():
        words.append("--" + name.replace("_", "-"))
        if value is not True:
            words.append(str(value))
    return words
