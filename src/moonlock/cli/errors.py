"""What a command says when it cannot go on: one line what happened, one line what to do."""

from __future__ import annotations

import sys


class Trouble(Exception):
    """Ends the command. ``status`` 2: wrong use or cannot start; 1: not found or not healthy."""

    def __init__(self, code: str, message: str, hint: str, status: int = 2) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.status = code, message, hint, status


def tell(code: str, message: str, hint: str, *, as_json: bool) -> None:
    """The failure on stderr, or as the one document on stdout."""
    if as_json:
        import json

        try:
            print_out(json.dumps({"error": {"code": code, "message": message, "hint": hint}}, ensure_ascii=False))
        except OSError:
            pass  # stdout is what failed
        else:
            return
    sys.stderr.write(f"error: {_plainly(message)}\n" + (f"hint: {_plainly(hint)}\n" if hint else ""))


def warn(message: str, hint: str) -> None:
    """Something that does not end the command, on stderr: stdout belongs to the answer."""
    sys.stderr.write(f"warning: {_plainly(message)}\nhint: {_plainly(hint)}\n")


def in_a_line(sentence: str) -> str:
    """A sentence of the API as what follows ``error:`` and ``hint:``, where no other has a capital or a full stop."""
    capital, rest = sentence[:1], sentence[1:]
    return f"{capital if rest[:1].isupper() else capital.lower()}{rest}".removesuffix(".")


def _plainly(said: str) -> str:
    """As a terminal may see it: sentences quote words and paths that somebody else may have chosen."""
    if said.isprintable():
        return said
    from moonlock.outputs.shown import shown

    return shown(said)


def print_out(said: str | bytes) -> None:
    """Text, or a document in UTF-8, and the end of its line; a reader that has gone away is no failure."""
    try:
        if isinstance(said, bytes):
            sys.stdout.buffer.write(said)
            said = ""
        sys.stdout.write(said if said.endswith("\n") else said + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        hush()


def hush() -> None:
    """Nothing more can be said: point stdout elsewhere, so that the interpreter's last flush does not fail."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
