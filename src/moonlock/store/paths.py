"""Paths as the store can keep them, and what they say about a project. Loads nothing: warm reports need it."""

from __future__ import annotations

_LONE, _KEPT = 0xDC80, 0x10FC80
"""A byte of a name that is not Unicode is a lone surrogate to Python; it is kept as a character of private use."""
_AWAY = {_LONE + byte: _KEPT + byte for byte in range(128)}
_BACK = {_KEPT + byte: _LONE + byte for byte in range(128)}

_WORKTREES = ("/.claude/worktrees/", "/.git/worktrees/", "/.worktrees/", "/.worktree/", "/worktrees/")
"""Below such a folder each folder is a worktree of the repository above it."""
_FOLDER_WORKTREES = tuple(f"--{whose}worktree{many}-" for whose in ("", "claude-", "git-") for many in ("", "s"))
"""The same in the name that Claude Code gives a folder: each character but letters and digits is a dash."""
_HOMES = ("Users", "home")


def stored_path(path: str) -> str:
    """The path as SQLite can keep it, so that every name of a file finds its way back."""
    return path if path.isascii() else readable(path.translate(_AWAY))


def readable(text: str) -> str:
    """The text without lone surrogates, which cannot be stored, sent or shown."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def real_path(stored: str) -> str:
    """The path as the file system knows it."""
    return stored if stored.isascii() else stored.translate(_BACK)


def project_root(cwd: str) -> str:
    """The folder that a working directory belongs to: of a worktree its repository; "" when there is none."""
    plain = cwd.replace("\\", "/").rstrip("/")
    found = [at for each in _WORKTREES if 0 <= (at := plain.find(each)) < len(plain) - len(each)]
    return plain[: min(found)] if found else plain


def project_folder(folder: str) -> str:
    """The name of an agent's folder without what a worktree adds to it."""
    found = [at for each in _FOLDER_WORKTREES if (at := folder.find(each)) > 0]
    return folder[: min(found)] if found else folder


def folder_name(folder: str) -> str:
    """A readable name of an agent's folder: without the way to the person's home."""
    name = project_folder(folder).strip("-")
    drive, dash, rest = name.partition("-")
    place = rest.removeprefix("-") if dash and len(drive) == 1 and drive.isalpha() else name
    home, _, below = place.partition("-")
    person, dash, inside = below.partition("-")
    return inside if home in _HOMES and person and dash and inside else name or folder
