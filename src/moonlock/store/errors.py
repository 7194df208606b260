"""What can go wrong with the store, in words that say what to do; no other room sees an error of the driver."""

from __future__ import annotations

import errno

import apsw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class StoreError(Exception):
    """Something about the store; ``hint`` says what to do."""

    hint = ""


class StoreTooNew(StoreError):
    """A newer Moonlock wrote the store; this one must not touch it."""

    hint = "Update Moonlock, or name another data folder."

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"The store has schema {found}; this Moonlock knows schemas up to {known}.")
        self.found, self.known = found, known


class StoreTooOld(StoreError):
    """An older Moonlock wrote the store, and no newer one has opened it for writing since."""

    hint = "Run `moonlock sync`: it brings the store up to date, and keeps a copy of it."

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"The store has schema {found}; this Moonlock reads schema {known}.")
        self.found, self.known = found, known


class StoreLocked(StoreError):
    """Another process writes the store."""

    hint = "Use the running Moonlock, or stop it first."

    def __init__(self, pid: int | None) -> None:
        super().__init__(f"Another Moonlock writes the store (process {pid or 'unknown'}).")
        self.pid = pid


class StoreForeign(StoreError):
    """The file is a database, but not ours."""

    hint = "Name another data folder; this file was left alone."


class StoreUnfit(StoreError):
    """The file is no backup that can be restored."""

    hint = "`moonlock backup` makes one, while the store is in use."


class UnfitImport(StoreError):
    """A file that is to be imported is not what an export is; nothing was written. The words quote nothing of it."""

    hint = "Take a file that `moonlock export` or `moonlock session export` made, as it was made."

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"Line {line:,} {why}. Nothing was written.")
        self.line = line


class StoreFull(StoreError):
    """No room on the disk. Nothing was kept of the transaction; the same store goes on once there is room."""

    hint = "Free some space; Moonlock goes on by itself."


class StoreBusy(StoreError):
    """Another program held the store for longer than the five seconds that are waited."""

    hint = "Close other programs that have the store open."


class StoreReadOnly(StoreError):
    """The store may be read, but not written."""

    hint = "Make the file and its folder writable, or name another data folder."


class StoreUnavailable(StoreError):
    """The store cannot be opened, read or written."""

    hint = "Check that the folder exists, is readable, and that the disk works."


class StorePacked(StoreError):
    """The store was only read as far as sums of usage need."""

    hint = "Start `moonlock`, or run `moonlock sync`."


class StoreDamaged(StoreError):
    """The store's file is damaged."""

    hint = "Start `moonlock`, or run `moonlock sync`: the file is set aside, a backup takes its place, logs are read."


class AmbiguousSession(StoreError):
    """More than one session begins like that."""

    hint = "Give more of it, or the id."

    def __init__(self, prefix: str, uids: tuple[str, ...]) -> None:
        super().__init__(f"{len(uids)} sessions are called {prefix!r} or begin so: {', '.join(uids[:5])}")
        self.uids = uids


class NameTaken(StoreError):
    """Another session has the name: a name must say which session is meant."""

    hint = "Choose another name, or take it from the other session first."

    def __init__(self, name: str, uid: str) -> None:
        super().__init__(f"Session {uid} is called {name!r} already.")
        self.name, self.uid = name, uid


class UnknownName(StoreError):
    """A filter names an agent, a project, a model or a branch that no request has."""

    hint = "Give a name that a report shows."

    def __init__(self, kind: str, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no {kind} {name!r}.")
        self.kind, self.name, self.known = kind, name, known


class WrongTurn(StoreError):
    """What was asked does not fit what the session by hand does now: ``state`` says what that is."""

    hint = "A running one can be paused or completed, a paused one resumed or completed; one that is over stays so."

    def __init__(self, state: str) -> None:
        super().__init__(f"The session is {state}.")
        self.state = state


class KeyReused(StoreError):
    """Something else was asked under this key before."""

    hint = "Give every request a key of its own; repeat one only with the very same body."


class OutOfTime(StoreError):
    """A moment before the session began or after now, or a duration that has passed already."""

    hint = "Name a moment between the start of the session and now, and a duration longer than what has passed."


class UnknownSuggestion(StoreError):
    """No checkpoint is suggested under this key."""

    hint = "`moonlock session checkpoint --list` shows what is suggested."


class AcceptedAlready(StoreError):
    """A suggestion that became a checkpoint cannot be dismissed: what was marked stays."""

    hint = "Leave it: a checkpoint is not taken away."


_SAID: tuple[tuple[type[apsw.Error], type[StoreError], str], ...] = (
    (apsw.FullError, StoreFull, "The disk is full."),
    (apsw.BusyError, StoreBusy, "The store is locked by another program."),
    (apsw.ReadOnlyError, StoreReadOnly, "The store cannot be written."),
    (apsw.CorruptError, StoreDamaged, "The store is damaged."),
    (apsw.NotADBError, StoreDamaged, "The store is damaged."),
    (apsw.CantOpenError, StoreUnavailable, "The store cannot be opened."),
    (apsw.PermissionsError, StoreUnavailable, "The store may not be opened."),
    (apsw.IOError, StoreUnavailable, "The disk does not read or write the store."),
)


class _InOurWords:
    """A class, and no generator: readers do without contextlib, which takes longer to load than they have."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, apsw.Error):
            for driver, ours, said in _SAID:
                if isinstance(error, driver):
                    raise ours(f"{said[:-1]} ({error}).") from error
        elif isinstance(error, OSError):  # the folder and the lock are made by us, not by the driver
            if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise StoreReadOnly(f"The store cannot be written ({error.filename}: {error.strerror}).") from error
            if error.errno == errno.ENOSPC:
                raise StoreFull(f"The disk is full ({error.filename}).") from error


_IN_OUR_WORDS = _InOurWords()


def in_our_words() -> _InOurWords:
    """Say the driver's errors as ours; a mistake in our own SQL stays what it is."""
    return _IN_OUR_WORDS
