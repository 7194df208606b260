"""The bearer token of this user's server: made once, kept in a file that only the user can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def token(path: Path) -> str:
    """The token; made when there is none yet."""
    if known := peek(path):
        return known
    return rotate(path)


def peek(path: Path) -> str | None:
    """The token if there is one; nothing is written."""
    try:
        return path.read_text("ascii").strip() or None
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def rotate(path: Path) -> str:
    """A new token in place of the old one, in one step, so that no reader ever finds half a token."""
    private_folder(path.parent)
    made = secrets.token_urlsafe(32)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(made + "\n")
    draft.replace(path)
    return made


def private_folder(path: Path) -> None:
    """The folder exists and was born with mode 0700."""
    if path.is_dir():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
