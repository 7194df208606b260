"""``moonlock token``: what lets programs in where the page's own rules do not."""

from __future__ import annotations

import click

from moonlock.cli.errors import Trouble, print_out
from moonlock.cli.given import settings
from moonlock.config import token as keys


@click.group(invoke_without_command=True)
@click.pass_context
def token(context: click.Context) -> None:
    """Print the bearer token of this user's server; it is made when there is none yet."""
    if context.invoked_subcommand is None:
        print_out(_kept(rotate=False))


@token.command()
def rotate() -> None:
    """Make a new token in place of the old one.

    Whoever uses the old one, and every open page under `auth: always`, is shut out.
    """
    print_out(_kept(rotate=True))


def _kept(*, rotate: bool) -> str:
    path = settings({}).places.token
    try:
        return keys.rotate(path) if rotate else keys.token(path)
    except OSError as failure:
        raise Trouble("token", f"cannot keep a token at {path}: {failure.strerror}", "make it writable") from failure
