"""Paths as the store can keep them, and the name that a project has for people."""

from __future__ import annotations

import re

_LONE, _KEPT = 0xDC80, 0x10FC80
"""A byte of a name that is not Unicode is a lone surrogate to Python; it is kept as a character of private use."""
_AWAY = {_LONE + byte: _KEPT + byte for byte in range(128)}
_BACK = {_KEPT + byte: _LONE + byte for byte in range(128)}

_WORKTREE = re.compile(r"/(?:\.claude/worktrees|\.git/worktrees|\.worktrees?|worktrees)/[^/]+(?:/.*)?$")
_FOLDER_WORKTREE = re.compile(r"--(?:claude-|git-)?worktrees?-.*$")
_FOLDER_HOME = re.compile(r"^(?:[A-Za-z]--?)?(?:Users|home)-[^-]+-(?=.)")


def stored_path(path: str) -> str:
    """The path as SQLite can keep it, so that every name of a file finds its way back."""
    return path if path.isascii() else readable(path.translate(_AWAY))


def readable(text: str) -> str:
    """The text without lone surrogates, which cannot be stored, sent or shown."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def real_path(stored: str) -> str:
    """The path as the file system knows it."""
    return stored if stored.isascii() else stored.translate(_BACK)


def project_name(cwd: str, folder: str) -> str:
    """A readable name: the last part of the working directory (of a worktree: its project's), else the folder's."""
    place = _WORKTREE.sub("", cwd.replace("\\", "/").rstrip("/"))
    last = place.rpartition("/")[2]
    if last:
        return last
    name = _FOLDER_WORKTREE.sub("", folder).strip("-")
    return _FOLDER_HOME.sub("", name) or folder
