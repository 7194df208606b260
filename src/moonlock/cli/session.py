"""``moonlock session``: sessions by name or id: what is known of them, and what a person says of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from moonlock.cli.comparing import compare
from moonlock.cli.errors import Trouble, print_out
from moonlock.cli.export import session_export
from moonlock.cli.given import home, settings
from moonlock.cli.helping import examples
from moonlock.cli.import_ import session_import
from moonlock.cli.manual import COMMANDS as BY_HAND

if TYPE_CHECKING:
    from moonlock.config.settings import Config
    from moonlock.model.label import Relabel
    from moonlock.model.session import Session
    from moonlock.store import Store

EXAMPLES = examples(
    ("moonlock session list --project web", "the newest sessions there"),
    ("moonlock session show 3f2a", "all that is known of one"),
    ('moonlock session name 3f2a "Fix login"', "a name to find it by"),
    ('moonlock session tag "fix login" +done -wip', "add and take away tags"),
    ('moonlock session start "Fix login"', "plan five hours of it"),
    ('moonlock session delete "fix login"', "leave it out of every report"),
    ('moonlock session delete --undo "fix login"', "and bring it back"),
)
OF_WORDS = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""For tags to take away, which look like options."""


@click.group(epilog=EXAMPLES)
def session() -> None:
    """Sessions by name or id.

    Where a command takes X, that is the id of a session, the agent's own id, its name or its title; the beginning is
    enough.
    """


session.add_command(session_export)
session.add_command(session_import)
session.add_command(compare)
for command in BY_HAND:
    session.add_command(command)


@session.command("list")
@click.option("--project", metavar="NAME", help="Only in this project.")
@click.option("--agent", metavar="NAME", help="Only of this agent.")
@click.option("--tag", metavar="TAG", help="Only with this tag.")
@click.option("--since", metavar="DAY", help="Only with activity from this day on: YYYY-MM-DD, today or yesterday.")
@click.option("--limit", type=click.IntRange(1), default=30, show_default=True, metavar="N", help="At most so many.")
@click.option("--deleted", is_flag=True, help="Those that were deleted, instead.")
@click.option("--by-hand", is_flag=True, help="Those that were started by hand, instead.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document (moonlock.sessions/1).")
def list_(**said: object) -> None:
    """List sessions, newest first."""
    from moonlock.cli.handlisting import listed_by_hand
    from moonlock.cli.listing import Wanted, listed

    by_hand = said.pop("by_hand")
    wanted = Wanted(**said)
    config = settings({})
    with _store(config) as store:
        print_out(listed_by_hand(store, config, wanted) if by_hand else listed(store, config, wanted))


@session.command()
@click.argument("said", metavar="X")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: the session as the API shows it.")
def show(said: str, as_json: bool) -> None:
    """Show all that is known of a session."""
    from moonlock.cli.called import hand_called
    from moonlock.cli.handlisting import shown_by_hand
    from moonlock.cli.listing import shown

    config = settings({})
    with _store(config) as store:
        hand = hand_called(store, said)
        if hand is not None:
            print_out(shown_by_hand(store, hand, as_json=as_json))
            return
        print_out(shown(store, config, _found(store, said), as_json=as_json))


@session.command()
@click.argument("said", metavar="X")
@click.argument("name")
def name(said: str, name: str) -> None:
    """Give a session a name, up to 80 characters; "" takes it away."""
    from moonlock.model.label import Relabel

    done = _changed(said, Relabel(name=name))
    called = f"is called {done.name}" if done.name else "has no name of its own any more"
    print_out(f"Session {done.uid} {called}")


@session.command(context_settings=OF_WORDS)
@click.argument("said", metavar="X")
@click.argument("words", metavar="[+TAG | -TAG]...", nargs=-1, type=click.UNPROCESSED)
def tag(said: str, words: tuple[str, ...]) -> None:
    """Add tags to a session (+TAG or TAG), or take them away (-TAG)."""
    from moonlock.cli.called import hand_called
    from moonlock.model.label import Relabel

    with _store(settings({})) as store:
        hand = hand_called(store, said)
        known = _found(store, said).label.tags if hand is None else hand.tags
    gone = {_tag(word[1:]) for word in words if word.startswith("-")}
    more = {_tag(word.removeprefix("+")) for word in words if not word.startswith("-")}
    done = _changed(said, Relabel(tags=tuple(({*known} | more) - gone)))
    print_out(f"Session {done.uid} has {'the tags ' + ', '.join(done.tags) if done.tags else 'no tags'}")


@session.command()
@click.argument("said", metavar="X")
@click.argument("text")
def describe(said: str, text: str) -> None:
    """Say more of a session than its name does; "" takes it away."""
    from moonlock.model.label import Relabel

    done = _changed(said, Relabel(description=text))
    print_out(f"Session {done.uid} is {'described' if done.description else 'not described any more'}")


@session.command()
@click.argument("said", metavar="X")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--undo", is_flag=True, help="Bring a deleted session back.")
def delete(said: str, yes: bool, undo: bool) -> None:
    """Leave a session out of every list and report.

    Nothing is erased, neither the agent's log nor what was read from it: --undo brings it back.
    """
    from moonlock.cli.handlisting import coming_back, leaving
    from moonlock.cli.relabelling import relabelled
    from moonlock.model.label import Relabel

    config = settings({})
    with _store(config) as store:
        meant = coming_back(store, config, said) if undo else leaving(store, config, said)
    if undo:
        relabelled(config, meant.uid, Relabel(hidden=False))
        print_out(f"{meant.name} is back: {meant.has}")
        return
    _confirm(f"{meant.name} goes from every list and report: {meant.has}.\nNothing is erased.", yes)
    relabelled(config, meant.uid, Relabel(hidden=True))
    print_out(f"{meant.name} is deleted; `moonlock session delete --undo {meant.uid}` brings it back")


def _changed(said: str, change: Relabel) -> Done:
    """Keep the change of the session that is called so."""
    from moonlock.cli.called import hand_called
    from moonlock.cli.relabelling import relabelled
    from moonlock.model.label import UnfitLabel, fit

    config = settings({})
    try:
        change = fit(change)
    except UnfitLabel as wrong:
        raise Trouble("usage", str(wrong), wrong.hint) from wrong
    with _store(config) as store:
        hand = hand_called(store, said)
        if hand is not None and change.name == "":
            raise Trouble("usage", "a session by hand has a name", "give it another one")
        uid = _found(store, said).uid if hand is None else hand.uid
        store.check_label(uid, change)
    relabelled(config, uid, change)
    return Done(uid, change)


class Done:
    """What was said of which session."""

    def __init__(self, uid: str, change: Relabel) -> None:
        self.uid, self.name, self.description, self.tags = uid, change.name, change.description, change.tags or ()


def _tag(word: str) -> str:
    from moonlock.model.label import UnfitLabel, tag

    try:
        return tag(word)
    except UnfitLabel as wrong:
        raise Trouble("usage", str(wrong), wrong.hint) from wrong


def _confirm(what: str, yes: bool) -> None:
    """Ask the person, after saying what goes; where nobody can answer it takes --yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Trouble("confirm", what.replace("\n", " "), "add --yes to delete it without being asked")
    click.echo(what, err=True)
    if not click.confirm("Delete it?", err=True):
        raise click.Abort


@contextmanager
def _store(config: Config) -> Iterator[Store]:
    from moonlock.cli.fresh import whole

    with whole(config, os.environ, home()) as store:
        yield store


def _found(store: Store, said: str) -> Session:
    from moonlock.cli.called import session_called

    return session_called(store, said)
