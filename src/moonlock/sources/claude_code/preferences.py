"""The client's settings files, as far as they say how large a context may become and when it is compacted.

The user's file, then those of a project; a stronger one comes later. They may hold secrets, so nothing is decoded but
the keys named here, and none of it is kept elsewhere or named in an error. What the client would not understand, or we
do not, says nothing. Not seen are managed settings and what a command line says.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from moonlock.model.health import Finding
from moonlock.sources.claude_code.opened import content
from moonlock.sources.claude_code.schema import REFUSED

OWN = "settings.json"
OF_A_PROJECT = (".claude/settings.json", ".claude/settings.local.json")
LARGEST = 1 << 20
"""Bytes; a real one has some thousand."""
MOST = 64
"""Folders of projects that are looked at."""
MOST_KNOWN, LONGEST = 1_000, 200
WINDOW, MODEL = "CLAUDE_CODE_AUTO_COMPACT_WINDOW", "ANTHROPIC_MODEL"
NAMES = (
    *(WINDOW, MODEL, "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE", "DISABLE_AUTO_COMPACT"),
    *("CLAUDE_CODE_DISABLE_1M_CONTEXT", "CLAUDE_CODE_MAX_CONTEXT_TOKENS"),
)
"""Of the environment that a file sets."""
_DATED = re.compile(r"-20\d{6}$")
_SMALLEST, _LARGEST = 100_000, 1_000_000
"""Tokens that a window for compaction may have."""
_HINT = "Claude Code may not understand it either; contexts are told without it."
Mark = tuple[int, int, int]


class _File(msgspec.Struct, rename="camel"):
    env: msgspec.Raw = msgspec.Raw(b"null")
    model: msgspec.Raw = msgspec.Raw(b"null")
    auto_compact_enabled: msgspec.Raw = msgspec.Raw(b"null")
    auto_compact_window: msgspec.Raw = msgspec.Raw(b"null")
    model_settings: msgspec.Raw = msgspec.Raw(b"null")


class _OfModel(msgspec.Struct, rename="camel"):
    auto_compact_window: msgspec.Raw = msgspec.Raw(b"null")


class Said(msgspec.Struct, frozen=True):
    """What one file says; empty is what it does not say."""

    env: Mapping[str, str] = {}
    model: str = ""
    compacts: bool | None = None
    window: str = ""
    windows: Mapping[str, str] = {}
    """By model, as the file spells it."""


NOTHING = Said()
_Env = msgspec.defstruct("_Env", [(name, msgspec.Raw, msgspec.Raw(b"null")) for name in NAMES])
_decode = msgspec.json.Decoder(_File).decode


class Preferences:
    """Remembers what it read. ``read`` lets tests count work."""

    def __init__(self, env: Mapping[str, str], folders: Iterable[str]) -> None:
        self._env = env
        self._own = tuple(dict.fromkeys(os.path.join(folder, OWN) for folder in folders))
        self._files: dict[str, tuple[Mark, Said | None]] = {}
        self._made: dict[tuple[str, str], Mapping[str, str]] = {}
        self.read = 0

    def look(self, folders: Collection[str]) -> bool:
        """Read what changed, of the user's file and of these projects; whether anything they say did. Never an error.

        What stands in a file is not believed any more when it is gone, or is not understood.
        """
        before, files = self._files, {}
        for path in self._paths(folders):
            if (mark := _mark(path)) is not None:
                known = before.get(path)
                files[path] = known if known is not None and known[0] == mark else (mark, self._said(path))
        self._files = files
        if changed := _says(before) != _says(files):
            self._made = {}
        return changed

    def environment(self, folder: str, model: str) -> Mapping[str, str]:
        """That which a session with this model in this folder is taken to have; a setting is what it is called there.

        What ``look`` has not seen yet is not in it.
        """
        made, files = self._made, self._files  # ``look`` may put others in their place meanwhile, in its thread
        found = made.get((folder, model))
        if found is None:
            if len(made) >= MOST_KNOWN:
                made.clear()
            known = (files[path][1] for path in self._paths([folder]) if path in files)
            found = made[folder, model] = _settled(self._env, [said for said in known if said is not None], model)
        return found

    def files(self) -> list[str]:
        """Those that were understood."""
        return [path for path, (_, said) in self._files.items() if said is not None]

    def troubles(self) -> list[Finding]:
        """Files that are there and say nothing, because they are not understood."""
        bad = [path for path, (_, said) in self._files.items() if said is None]
        return [Finding("settings-unread", f"{path} is not understood, or may not be read.", _HINT) for path in bad]

    def _paths(self, folders: Collection[str]) -> Iterator[str]:
        """The weakest first. A folder of another machine is never reached for."""
        yield from self._own
        here = sorted({folder for folder in folders if os.path.isabs(folder) and folder[:2] not in ("//", "\\\\")})
        yield from (os.path.join(folder, name) for folder in here[:MOST] for name in OF_A_PROJECT)

    def _said(self, path: str) -> Said | None:
        self.read += 1
        try:
            return _told(_decode(content(path, LARGEST)))
        except (OSError, *REFUSED):
            return None


def _says(files: Mapping[str, tuple[Mark, Said | None]]) -> dict[str, Said]:
    return {path: said for path, (_, said) in files.items() if said is not None and said != NOTHING}


def _settled(env: Mapping[str, str], said: Iterable[Said], model: str) -> Mapping[str, str]:
    """Everything that was said as one environment: of the same words those of a file count, and the last file's."""
    found, own = dict(env), NOTHING
    for each in said:
        found.update(each.env)
        own = Said(
            model=each.model or own.model,
            compacts=own.compacts if each.compacts is None else each.compacts,
            window=each.window or own.window,
            windows={**own.windows, **each.windows},
        )
    if own.model and not found.get(MODEL):
        found[MODEL] = own.model
    window = next((own.windows[name] for name in _names(model) if name in own.windows), own.window)
    if window and not found.get(WINDOW):
        found[WINDOW] = window
    if own.compacts is False:
        found["DISABLE_AUTO_COMPACT"] = "1"
    return found


def _names(model: str) -> Iterator[str]:
    """How settings may call a model, the most exact first: its id, that without its day, its family."""
    whole = model.lower()
    plain = whole.removesuffix("[1m]")
    yield from (whole, plain, _DATED.sub("", plain))
    yield from (part for part in plain.split("-") if part.isalpha() and part != "claude")


def _told(file: _File) -> Said:
    block = _as(file.env, _Env)
    env = {} if block is None else {name: _word(getattr(block, name)) for name in NAMES}
    models = _as(file.model_settings, dict[str, msgspec.Raw]) or {}
    windows = {name.lower(): _of_model(said) for name, said in models.items() if len(name) <= LONGEST}
    return Said(
        env={name: word for name, word in env.items() if word},
        model=_word(file.model) if _as(file.model, str) else "",
        compacts=_as(file.auto_compact_enabled, bool),
        window=_tokens(file.auto_compact_window),
        windows={name: window for name, window in windows.items() if window},
    )


def _of_model(said: msgspec.Raw) -> str:
    found = _as(said, _OfModel)
    return "" if found is None else _tokens(found.auto_compact_window)


def _tokens(said: msgspec.Raw) -> str:
    """A number of tokens that a window may have, as the environment would spell it."""
    found = _as(said, int)
    return str(found) if found is not None and _SMALLEST <= found <= _LARGEST else ""


def _word(said: msgspec.Raw) -> str:
    """A short word; numbers and truths as the environment spells them."""
    found = _as(said, str | bool | int)
    word = str(found).lower() if isinstance(found, bool) else "" if found is None else str(found)
    return word if len(word) <= LONGEST and word.isprintable() else ""


def _as(said: msgspec.Raw, kind: Any) -> Any:
    """None where it is of another kind."""
    try:
        return msgspec.json.decode(said, type=kind)
    except REFUSED:
        return None


def _mark(path: str) -> Mark | None:
    """What changes with the file; None where none is."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
