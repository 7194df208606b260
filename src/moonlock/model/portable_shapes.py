"""What a client is told of a backup and of an import."""

from __future__ import annotations

from moonlock.model.backup import Backup
from moonlock.model.instant import iso
from moonlock.model.portable import Imported
from moonlock.model.shape import Shape


class BackupShape(Shape, frozen=True, rename="camel", kw_only=True):
    """A copy of the store that was checked when it was made; ``bytes`` is its size."""

    path: str
    at: str
    bytes: int
    requests: int
    sessions: int


class NewShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What is in the store now and was not before; ``labels`` are sessions whose words were newer."""

    sessions: int
    requests: int
    tools: int
    events: int
    labels: int
    hands: int
    """Sessions by hand."""
    postings: int
    checkpoints: int


class ImportShape(Shape, frozen=True, rename="camel", kw_only=True):
    """What an import read, by type of line, and what of it was new."""

    read: dict[str, int]
    new: NewShape
    names_left_out: list[str]
    """Names of sessions that another session has here."""


def backup_shape(made: Backup) -> BackupShape:
    return BackupShape(path=made.path, at=iso(made.at), bytes=made.size, requests=made.requests, sessions=made.sessions)


def import_shape(done: Imported) -> ImportShape:
    new = NewShape(
        sessions=done.sessions,
        requests=done.requests,
        tools=done.tools,
        events=done.events,
        labels=done.labels,
        hands=done.hands,
        postings=done.postings,
        checkpoints=done.checkpoints,
    )
    return ImportShape(read=done.counts, new=new, names_left_out=list(done.names_left_out))
