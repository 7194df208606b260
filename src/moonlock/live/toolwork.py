"""What the tool calls of a session were about, as it leaves the house: files and commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from moonlock.model.instant import iso
from moonlock.model.shapes import SessionShape
from moonlock.model.toolwork import CommandWork, FileWork
from moonlock.model.toolwork_shapes import (
    CommandList,
    CommandsShape,
    CommandTotals,
    CommandWorkShape,
    FileList,
    FilesShape,
    FileTotals,
    FileWorkShape,
)
from moonlock.model.within import within
from moonlock.store import Store
from moonlock.store.work import Work

MOST = 20
"""So many files, and commands, a report names."""
After = tuple[int, int, int, str]
"""The order of the last one of a part."""


class _Ordered(Protocol):
    @property
    def order(self) -> After: ...


One = TypeVar("One", bound=_Ordered)
Part = tuple[After | None, int]
"""Behind which one a part begins, and how many it has."""


def files(store: Store, session: SessionShape, after: After | None, limit: int) -> tuple[FileList, After | None]:
    """The files of a session behind that one, and where to go on."""
    work = store.chronicle(session.id).work()
    found = work.files()
    page, last = _page(found, after, limit)
    told = _files(page, found, work.folders())
    return FileList(files=told.files, totals=told.totals, next_cursor=None), last


def commands(store: Store, session: SessionShape, after: After | None, limit: int) -> tuple[CommandList, After | None]:
    """The commands of a session behind that one, and where to go on."""
    found = store.chronicle(session.id).work().commands()
    page, last = _page(found, after, limit)
    told = _commands(page, found)
    return CommandList(commands=told.commands, totals=told.totals, next_cursor=None), last


def top_files(work: Work) -> FilesShape:
    """The most changed files, for a report."""
    found = work.files()
    return _files(found[:MOST], found, work.folders())


def top_commands(work: Work) -> CommandsShape:
    """The commands that were run most, for a report."""
    found = work.commands()
    return _commands(found[:MOST], found)


def _page(found: Sequence[One], after: After | None, limit: int) -> tuple[Sequence[One], After | None]:
    behind = [one for one in found if after is None or one.order > after]
    page = behind[:limit]
    return page, page[-1].order if len(behind) > limit else None


def _files(page: Iterable[FileWork], found: Sequence[FileWork], folders: Sequence[str]) -> FilesShape:
    return FilesShape(
        files=[_file(one, folders) for one in page],
        totals=FileTotals(
            files=len(found),
            edited=sum(one.edits > 0 for one in found),
            calls=sum(one.calls for one in found),
            reads=sum(one.reads for one in found),
            edits=sum(one.edits for one in found),
            failed=sum(one.failed for one in found),
            added=_sum(one.added for one in found),
            removed=_sum(one.removed for one in found),
        ),
    )


def _file(one: FileWork, folders: Sequence[str]) -> FileWorkShape:
    return FileWorkShape(
        path=within(one.path, folders),
        calls=one.calls,
        reads=one.reads,
        edits=one.edits,
        failed=one.failed,
        added=one.added,
        removed=one.removed,
        first_at=iso(one.first_at),
        last_at=iso(one.last_at),
    )


def _commands(page: Iterable[CommandWork], found: Sequence[CommandWork]) -> CommandsShape:
    return CommandsShape(
        commands=[_command(one) for one in page],
        totals=CommandTotals(
            labels=len(found),
            runs=sum(one.runs for one in found),
            failed=sum(one.failed for one in found),
            denied=sum(one.denied for one in found),
            open=sum(one.open for one in found),
            failed_in_row=max((one.failed_in_row for one in found), default=0),
            repeats=sum(one.repeats for one in found),
            duration_ms=sum(one.duration for one in found),
        ),
    )


def _command(one: CommandWork) -> CommandWorkShape:
    return CommandWorkShape(
        label=one.label or None,
        runs=one.runs,
        failed=one.failed,
        denied=one.denied,
        open=one.open,
        failed_in_row=one.failed_in_row,
        repeats=one.repeats,
        duration_ms=one.duration,
        first_at=iso(one.first_at),
        last_at=iso(one.last_at),
    )


def _sum(counts: Iterable[int | None]) -> int | None:
    """None where nothing was counted."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
