"""All commands by name. A command's module is imported when it is called: help and small commands start fast."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from moonlock import __version__
from moonlock.cli.asked import wants_json
from moonlock.cli.errors import Trouble, hush, tell
from moonlock.cli.mistakes import told

COMMANDS = {
    "start": ("moonlock.cli.start", "Serve the live page (what `moonlock` alone does)."),
    "stop": ("moonlock.cli.stop", "End the running server."),
    "restart": ("moonlock.cli.stop", "End the running server and start it again here."),
    "usage": ("moonlock.cli.usage", "Tokens and money, by day or by what you name."),
    "status": ("moonlock.cli.status", "What happens now, in one line for prompts and bars."),
    "explain": ("moonlock.cli.explain", "The records and prices behind a number."),
    "session": ("moonlock.cli.session", "Sessions by name: list, show, name, tag, delete."),
    "sync": ("moonlock.cli.sync", "Read all logs now, then exit."),
    "backup": ("moonlock.cli.backup", "A checked copy of everything that is remembered."),
    "restore": ("moonlock.cli.restore", "Put a backup in the place of the store."),
    "export": ("moonlock.cli.export", "Everything that is remembered, as JSON Lines."),
    "import": ("moonlock.cli.import_", "Take in what was exported, here or elsewhere."),
    "connect": ("moonlock.cli.connect", "Let an agent tell its limits and its state."),
    "statusline": ("moonlock.cli.statusline", "Record what an agent says of itself, print one line."),
    "doctor": ("moonlock.cli.doctor", "Health of every part, and what to do about it."),
    "config": ("moonlock.cli.settings", "Settings in force, and where each comes from."),
    "token": ("moonlock.cli.token", "The token that lets programs in."),
}
NAMES = {"import": "import_"}
"""Commands whose names are words of Python."""
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Front(click.Group):
    """Knows the commands without loading them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), NAMES.get(cmd_name, cmd_name))
        return found

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except click.BadOptionUsage as wrong:
            named = self.get_command(ctx, ctx.invoked_subcommand or "")
            if wrong.ctx is None and named is not None:  # Click does not say whose option it was
                wrong.ctx = click.Context(named, parent=ctx, info_name=named.name)
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in COMMANDS.items()])


@click.group(cls=Front, context_settings=CONTEXT)
@click.version_option(__version__, "--version", "-V", prog_name="moonlock", message="%(prog)s %(version)s")
def moonlock() -> None:
    """A live picture of what your AI coding sessions are doing.

    Without a command, Moonlock reads the logs your agents write and serves the live page.
    """


def enter(said: Sequence[str]) -> int:
    """Run the command; the exit code."""
    as_json = wants_json(said)
    try:
        status = moonlock.main(_with_command(said), prog_name="moonlock", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.exceptions.NoArgsIsHelpError as helped:
        helped.show()
        return 2
    except click.UsageError as wrong:
        tell("usage", *told(wrong), as_json=as_json)
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        hush()
        return 0
    except Trouble as trouble:
        tell(trouble.code, trouble.message, trouble.hint, as_json=as_json)
        return trouble.status
    except OSError as failure:
        tell("failed", plain(failure), "`moonlock doctor` says how each part does", as_json=as_json)
        return 2


def _with_command(said: Sequence[str]) -> list[str]:
    """``start`` goes without saying, and ``dashboard start`` is an older name of it."""
    words = list(said)
    if words[:1] == ["dashboard"]:
        words = words[1:]
    elif words and (not words[0].startswith("-") or words[0] in ("-h", "--help", "-V", "--version")):
        return words
    return words if words[:1] == ["start"] else ["start", *words]


def plain(failure: OSError) -> str:
    """What the system says, with the file it says it about."""
    said = failure.strerror or str(failure) or type(failure).__name__
    return f"{said}: {failure.filename}" if failure.filename else said
