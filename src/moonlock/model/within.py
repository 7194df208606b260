"""Paths as a person names them: by the folder that they lie in. Loads nothing."""

from __future__ import annotations

from collections.abc import Iterable

_SIGNS = "/\\"


def within(path: str, folders: Iterable[str]) -> str:
    """The path from the first of the folders that it lies in; as it is where it lies in none."""
    for folder in folders:
        bare = folder.rstrip(_SIGNS)
        if bare and path.startswith(bare) and path[len(bare) : len(bare) + 1] in tuple(_SIGNS):
            return path[len(bare) :].lstrip(_SIGNS) or path
    return path
