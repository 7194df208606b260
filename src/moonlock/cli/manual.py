"""``moonlock session start``, ``pause``, ``resume``, ``complete``, ``checkpoint`` and ``tokens``: sessions by hand."""

from __future__ import annotations

from collections.abc import Callable

import click

from moonlock.cli import screen
from moonlock.cli.amounts import Count, Stretch
from moonlock.cli.errors import print_out
from moonlock.cli.given import settings
from moonlock.cli.helping import examples

STARTED = examples(
    ('moonlock session start "Fix login"', "five hours, and all that any agent uses"),
    ("moonlock session start Focus --duration 90m --cost 5", "an hour and a half, and five dollars"),
    ("moonlock session start Web --follow project:web", "only what is used in that project"),
)
REACHED = examples(
    ('moonlock session checkpoint "tests green"', "the phase ends here"),
    ("moonlock session checkpoint --list", "what was reached, and what is suggested"),
    ("moonlock session checkpoint --accept 3f2a", "what was suggested is a phase"),
)
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document, as the API answers.")
which = click.argument("said", metavar="[X]", required=False)
of = click.option("--session", "said", metavar="X", help="Which session; the one that is open when left out.")


@click.command(epilog=STARTED)
@click.argument("name")
@click.option("--duration", type=Stretch(), default="5h", show_default=True, metavar="TIME", help="Up to 24h.")
@click.option("--tokens", type=Count(), metavar="N", help="Budget in tokens: 1500, 500k, 1.5M.")
@click.option("--cost", type=click.FloatRange(0, min_open=True), metavar="DOLLARS", help="Budget in dollars.")
@click.option("--project", metavar="NAME", help="The project it is about.")
@click.option(
    "--follow", default="all", show_default=True, metavar="WHOM", help="all, none, project:NAME or session:X."
)
@as_json
def start(**said: object) -> None:
    """Start a session by hand: a timer, a budget, and what agents use meanwhile."""
    from moonlock.cli.byhand import hands
    from moonlock.cli.planning import planned
    from moonlock.outputs.manual import stands

    plan = planned(said)
    with hands(settings({})) as known:
        _print(said["as_json"], begun := known.start(plan), lambda: stands(begun, screen.width()))


@click.command()
@which
@as_json
def pause(said: str | None, as_json: bool) -> None:
    """Pause the timer: nothing is gathered until it goes on."""
    _turn(said, "paused", as_json)


@click.command()
@which
@as_json
def resume(said: str | None, as_json: bool) -> None:
    """Go on from the very point where it was paused."""
    _turn(said, "running", as_json)


@click.command()
@which
@as_json
def complete(said: str | None, as_json: bool) -> None:
    """End a session by hand, and show what it took."""
    from moonlock.cli.byhand import hands, meant
    from moonlock.outputs.manual import report

    with hands(settings({})) as known:
        _print(as_json, done := known.complete(meant(known, said)), lambda: report(done, screen.width()))


@click.command(epilog=REACHED)
@click.argument("phase", required=False, metavar="[PHASE]")
@of
@click.option("--prompts", type=click.IntRange(0), metavar="N", help="How many prompts it took.")
@click.option("--list", "listing", is_flag=True, help="List the checkpoints, and those that are suggested, instead.")
@click.option("--accept", metavar="KEY", help="Make a checkpoint of what was suggested; the beginning is enough.")
@click.option("--dismiss", metavar="KEY", help="Suggest that no more.")
@as_json
def checkpoint(as_json: bool, said: str | None, **asked: object) -> None:
    """Mark the phase that was reached by now: time and cost on the way to it are its own.

    Accepted plans, commits, pull requests and compactions of those whom the session follows are suggested.
    """
    from moonlock.cli.byhand import hands, meant
    from moonlock.cli.checkpoints import asked_for, done

    wanted = asked_for(asked)
    with hands(settings({})) as known:
        _print(as_json, *done(known, meant(known, said), wanted))


@click.command()
@click.argument("count", type=Count(), metavar="N")
@of
@click.option("--operation", metavar="WORD", help="What they were used for.")
@click.option("--model", metavar="NAME", help="The model that used them.")
@as_json
def tokens(count: int, said: str | None, operation: str | None, model: str | None, as_json: bool) -> None:
    """Add tokens that no log tells of."""
    from moonlock.cli.byhand import hands, meant
    from moonlock.cli.planning import posted
    from moonlock.outputs.manual import added

    posting = posted(count, operation, model)
    with hands(settings({})) as known:
        _print(as_json, made := known.post(meant(known, said), posting), lambda: added(made))


COMMANDS = (start, pause, resume, complete, checkpoint, tokens)


def _turn(said: str | None, status: str, as_json: bool) -> None:
    from moonlock.cli.byhand import hands, meant
    from moonlock.outputs.manual import stands

    with hands(settings({})) as known:
        _print(as_json, done := known.turn(meant(known, said), status), lambda: stands(done, screen.width()))


def _print(as_json: object, shape: object, text: Callable[[], str]) -> None:
    """The shape as the API answers it, or as a person reads it."""
    if not as_json:
        print_out(text())
        return
    import msgspec

    print_out(msgspec.json.format(msgspec.json.encode(shape), indent=2).decode())
