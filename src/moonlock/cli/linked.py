"""The settings file of an agent on the disk: read, replaced in one step, and put back as it was.

What it was like before lies in the data folder, with a note that says how we left it: only a file that is still like
that is put back byte for byte.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from moonlock.cli.errors import Trouble
from moonlock.config.token import private_folder
from moonlock.sources.claude_code.connecting import Unfit

MOST = 1 << 22
"""Bytes of a settings file; more is none."""
NEW = 0o600
"""The rights of a file that we make, and at most those of one that holds a secret."""


class Left(msgspec.Struct, frozen=True):
    """How the file was left by us."""

    path: str
    after: str
    """The SHA-256 of its bytes."""
    existed: bool
    mode: int | None = None
    """The rights that it had, where it was there."""


class SettingsFile:
    """One settings file; ``folder`` is where its backup lies. A link is written through to what it leads to."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path, self.target = path, Path(os.path.realpath(path))
        name = f"claude-code-{hashlib.sha256(os.fsencode(self.target)).hexdigest()[:12]}"
        self._note, self._backup = folder / f"{name}.json", folder / f"{name}.before"

    def contents(self) -> bytes:
        """What stands in it; nothing where there is no file."""
        try:
            if self.target.is_fifo():  # it would be waited for
                raise self.trouble("it is no file")
            if self.target.is_file() and self.target.stat().st_size > MOST:
                raise self.trouble("it is too large for a settings file")
            return self.target.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as failure:
            raise self.trouble(failure.strerror or type(failure).__name__) from failure

    def text(self) -> str:
        """The same as text."""
        try:
            return self.contents().decode()
        except UnicodeDecodeError:
            raise self.trouble("it is not UTF-8 text") from None

    def changed(self, change: Callable[[str], str]) -> str:
        """Its text after a change, on paper."""
        try:
            return change(self.text())
        except Unfit as why:
            raise self.trouble(str(why)) from None

    def connect(self, before: str, after: str, clean: str, secret: str = "") -> None:
        """Replace it, and keep what ``restore`` needs: ``clean``, the text without entries of ours.

        With a ``secret`` in it nobody but its owner may read it any more.
        """
        was_ours, mode, note = self._is_as_left(before.encode()), self._mode(), self._read()
        had = (mode is not None, mode) if note is None or not was_ours else (note.existed, note.mode)
        private_folder(self._backup.parent.parent)
        private_folder(self._backup.parent)
        if not was_ours:
            _write(self._backup, clean.encode(), 0o600)
        left = Left(str(self.target), hashlib.sha256(after.encode()).hexdigest(), *had)
        _write(self._note, msgspec.json.encode(left), 0o600)
        rights = NEW if mode is None else mode
        self._replace(before.encode(), after.encode(), rights & NEW if secret else rights)

    def restorable(self) -> bytes | None:
        """What it was like before, where it is as we left it; None where somebody changed it since."""
        if not self._is_as_left(self.contents()):
            return None
        try:
            return self._backup.read_bytes()
        except OSError:
            return None

    def restore(self, here: str, before: bytes) -> None:
        """Put it back, where it still is as it was looked at; a file that we made goes."""
        note, rights = self._read(), self._mode()
        if note is not None and not note.existed and not before:
            self._still(here.encode())
            self.target.unlink()
        else:
            taken = note is not None and note.mode is not None and rights == note.mode & NEW
            had = note.mode if note is not None and taken else rights
            self._replace(here.encode(), before, NEW if had is None else had)
        self.forget()

    def rewrite(self, before: str, after: str) -> None:
        """Replace it, for somebody who changed it since."""
        rights = self._mode()
        self._replace(before.encode(), after.encode(), NEW if rights is None else rights)
        self.forget()

    def forget(self) -> None:
        """Nothing is left to undo."""
        self._note.unlink(missing_ok=True)
        self._backup.unlink(missing_ok=True)

    def check(self) -> None:
        """Refuse what could not be written."""
        if self.target.exists() and not self.target.is_file():
            raise self.trouble("it is no file")
        folder = self.target.parent
        closed = self.target.exists() and not self.target.stat().st_mode & stat.S_IWUSR
        if closed or (folder.exists() and not os.access(folder, os.W_OK)):
            raise self.trouble("it is read-only")
        if not folder.exists() and self.path != self.target:
            raise self.trouble("it is a link that leads nowhere")

    def trouble(self, why: str) -> Trouble:
        """What is wrong with the file; nothing was changed."""
        return Trouble("settings_file", f"{self.path} was not touched: {why}", "repair it, then connect again")

    def _is_as_left(self, here: bytes) -> bool:
        note = self._read()
        return note is not None and (note.path, note.after) == (str(self.target), hashlib.sha256(here).hexdigest())

    def _read(self) -> Left | None:
        try:
            return msgspec.json.decode(self._note.read_bytes(), type=Left)
        except (OSError, msgspec.DecodeError):
            return None

    def _mode(self) -> int | None:
        """The rights that it has; None where there is no file."""
        return stat.S_IMODE(self.target.stat().st_mode) if self.target.exists() else None

    def _replace(self, before: bytes, after: bytes, mode: int) -> None:
        """In one step; refused when somebody wrote it meanwhile."""
        private_folder(self.target.parent)
        try:
            _write(self.target, after, mode, partial(self._still, before))
        except OSError as failure:
            raise self.trouble(failure.strerror or type(failure).__name__) from failure

    def _still(self, before: bytes) -> None:
        if self.contents() != before:
            raise self.trouble("somebody wrote it at the same time")


def _nobody_else() -> None:
    """What lies in the data folder is written by us alone."""


def _write(path: Path, body: bytes, mode: int, ready: Callable[[], None] = _nobody_else) -> None:
    """The body is on the disk before ``ready`` has the last word: nothing slow lies between that and the replacing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(mode)
        ready()
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
