"""``moonlock connect claude-code``: the agent tells its limits and its state by itself, after a look at the change."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import sys
from functools import partial
from pathlib import Path

import click

from moonlock.cli.errors import Trouble, print_out, warn
from moonlock.cli.given import home, settings
from moonlock.cli.helping import examples
from moonlock.cli.linked import SettingsFile
from moonlock.config.settings import Config

_BEARER = re.compile(r"Bearer [^\s\"\\]+")
EXAMPLES = examples(
    ("moonlock connect claude-code", "show what changes, then ask"),
    ("moonlock connect claude-code --yes", "do not ask"),
    ("moonlock connect claude-code --undo", "as it was before"),
)


@click.command(epilog=EXAMPLES)
@click.argument("agent", type=click.Choice(["claude-code"]))
@click.option("--undo", is_flag=True, help="Put the settings file back as it was, or take out what is ours.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--no-hooks", is_flag=True, help="The status line alone.")
def connect(agent: str, undo: bool, yes: bool, no_hooks: bool) -> int:
    """Let an agent tell its limits and its state.

    Adds a status line, which goes on to call your own, and HTTP hooks to the agent's settings file. The change is shown
    first, and a copy of the file is kept.
    """
    config = settings({})
    file = settings_file(config)
    return _undone(file, yes) if undo else _done(file, config, hooks=not no_hooks, yes=yes)


def settings_file(config: Config) -> SettingsFile:
    """The settings of Claude Code: in the first folder that is named, else in its usual one."""
    named = config.claude_config_dir.partition(",")[0].strip()
    folder = Path(os.path.expanduser(named)) if named else home() / ".claude"
    folder = folder.parent if folder.name == "projects" else folder
    return SettingsFile(folder / "settings.json", config.places.data / "connect")


def _done(file: SettingsFile, config: Config, *, hooks: bool, yes: bool) -> int:
    from moonlock.sources.claude_code.connecting import Wanted, connected, disconnected, obstacles

    token = _token(config) if hooks and _is_closed(config) else ""
    wanted = Wanted(_program(), _address(config), hooks, token)
    before = file.text()
    after = file.changed(partial(connected, wanted=wanted))
    if after == before:
        print_out(f"Claude Code is connected already: {file.path} stays as it is.")
        return 0
    file.check()
    _shown(file, before, after)
    if not _agreed(yes):
        return 1
    file.connect(before, after, file.changed(disconnected), token)
    for each in obstacles(after):
        warn(each, f"it stands in {file.path}")
    print_out(
        "Connected. Sessions that run now take it up by themselves, or when they are started again.\n"
        "`moonlock connect claude-code --undo` takes it back."
        + ("\nWhile no server runs, Claude Code may say that a hook failed; it goes on." if hooks else "")
    )
    return 0


def _undone(file: SettingsFile, yes: bool) -> int:
    from moonlock.sources.claude_code.connecting import disconnected

    here, whole = file.text(), file.restorable()
    after = file.changed(disconnected) if whole is None else whole.decode()
    if after == here:
        file.forget()
        print_out(f"Claude Code is not connected: {file.path} stays as it is.")
        return 0
    file.check()
    _shown(file, here, after)
    if not _agreed(yes):
        return 1
    if whole is not None:
        file.restore(here, whole)
        print_out(f"{file.path} is as it was before.")
    else:
        file.rewrite(here, after)
        print_out(f"{file.path} was changed since: only what Moonlock had put in was taken out.")
    return 0


def _shown(file: SettingsFile, before: str, after: str) -> None:
    """The change, line by line; tokens stay out of it, ours and others."""
    from moonlock.outputs.shown import shown

    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), str(file.path), str(file.path), lineterm="")
    print_out("\n".join(shown(_BEARER.sub("Bearer ...", line)) for line in lines))


def _agreed(yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        raise Trouble("not_asked", "nothing was changed: there is nobody to ask", "look at the change, then add --yes")
    return click.confirm("Change it like this?")


def _program() -> str:
    """Where this program lies: the agent's shell may search other folders."""
    called = Path(sys.argv[0])
    if called.name.removesuffix(".exe") == "moonlock" and called.is_file():
        return str(called.absolute())
    return shutil.which("moonlock") or "moonlock"


def _address(config: Config) -> str:
    """Where the server answers that runs now, else where it will."""
    from moonlock.cli.runs import address, living
    from moonlock.config.token import peek

    runs = living(config.places.runs, peek(config.places.token))
    run = next((run for run in runs if not run.simulation), None)
    if run is not None:
        return run.url
    if not config.port:
        raise Trouble("no_port", "the server's port is another one each time", "set the setting port, or start it")
    return address(config.host, config.port)


def _is_closed(config: Config) -> bool:
    """Whether the server asks everybody for its token."""
    from moonlock.server.access import Exposed, access

    try:
        return access((config.host, config.port), config.auth).closed
    except Exposed as exposed:
        raise Trouble(exposed.code, exposed.message, exposed.hint) from exposed


def _token(config: Config) -> str:
    from moonlock.config.token import token

    try:
        return token(config.places.token)
    except OSError as failure:
        raise Trouble("token", f"cannot keep a token: {failure.strerror}", "make the data folder writable") from failure
