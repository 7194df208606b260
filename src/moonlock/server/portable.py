"""Carrying history out and in over HTTP: exports as files, imports that bring all of a file or nothing, backups.

What is on its way lies in a nameless file on the store's own disk, so a slow client holds no memory and no look at the
store, and nothing is left behind when it goes away.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, BinaryIO, cast

from litestar import Request, Response, get, post
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import QueryParameter
from litestar.response import Stream

from moonlock.live.vault import Form
from moonlock.model.portable_shapes import BackupShape, ImportShape, backup_shape, import_shape
from moonlock.server.errors import NO_SESSION, Problem, Refusal, refusals
from moonlock.server.finding import named
from moonlock.server.guard import IMPORT_BYTES
from moonlock.server.house import House
from moonlock.server.query import SessionId
from moonlock.store.errors import UnfitImport, in_our_words

LINES, TABLE, PAGE = "application/x-ndjson", "text/csv", "text/html"
KINDS: dict[Form, tuple[str, str]] = {"json": (LINES, "jsonl"), "csv": (TABLE, "csv"), "html": (PAGE, "html")}
CHUNK = 1 << 16
Written = Annotated[
    Form,
    QueryParameter(
        description="`json` is JSON Lines and can be imported, `csv` is for spreadsheets, `html` is a report to read"
    ),
]


@dataclass
class ImportOperation(Operation):
    """Describes a body that is read as it comes."""

    def __post_init__(self) -> None:
        text = OpenAPIMediaType(Schema(type=OpenAPIType.STRING, description="moonlock.export/1, as it was exported"))
        self.request_body = RequestBody({LINES: text}, "JSON Lines", required=True)


@dataclass
class ExportOperation(Operation):
    """Describes the other forms that an answer may have."""

    def __post_init__(self) -> None:
        told = (self.responses or {})["200"]
        if isinstance(told, OpenAPIResponse) and told.content is not None:
            for kind in (TABLE, PAGE):
                told.content[kind] = OpenAPIMediaType(Schema(type=OpenAPIType.STRING))


def routes(house: House) -> list[Any]:
    """Every route that carries something out or in."""
    return [*_out(house), *_in(house), *_backups(house)]


def _out(house: House) -> list[Any]:
    as_lines = ResponseSpec(str, description="JSON Lines", media_type=LINES, generate_examples=False)
    either = ResponseSpec(str, description="JSON Lines, CSV or a page", media_type=LINES, generate_examples=False)

    @get("/api/export", responses=refusals(503) | {200: as_lines})
    async def export() -> Response[Any]:
        """All that is kept, as JSON Lines (moonlock.export/1); names and paths, but no prompt and no answer."""
        return await _exported(house, None, "json")

    @get(
        "/api/sessions/{session_id:str}/export",
        responses=refusals(400, 404, 503) | {200: either},
        operation_class=ExportOperation,
    )
    async def export_session(session_id: SessionId, format: Written = "json") -> Response[Any]:
        """One session of either kind as JSON Lines, its requests as CSV, or its report as one page without a script.

        Of a session by hand: its plan, all that happened to its timer, what was posted, and its checkpoints.
        """
        found = await named(house, session_id)
        return await _exported(house, found.id, format)

    return [export, export_session]


def _in(house: House) -> list[Any]:
    given = {"request_max_body_size": IMPORT_BYTES, "operation_class": ImportOperation, "status_code": 200}

    @post("/api/import", responses=refusals(400, 408, 413, 415, 503), **given)  # type: ignore[arg-type]
    async def take_in(request: Request[Any, Any, Any]) -> ImportShape:
        """Take in what was exported, the store or a session: all of it, or nothing. What is here already stays."""
        return await _imported(house, request, None)

    @post("/api/sessions/import", responses=refusals(400, 408, 413, 415, 503), **given)  # type: ignore[arg-type]
    async def take_in_session(request: Request[Any, Any, Any]) -> ImportShape:
        """Take in one session that was exported."""
        return await _imported(house, request, "session")

    return [take_in, take_in_session]


def _backups(house: House) -> list[Any]:
    @post("/api/backup", responses=refusals(503))
    async def backup() -> BackupShape:
        """Make a backup in the folder of backups: a copy of the store that was checked."""
        return backup_shape(await house.vault.back_up())

    return [backup]


async def _exported(house: House, session: str | None, form: Form) -> Response[Any]:
    file = _aside(house)
    try:
        with in_our_words():
            if not await house.vault.export(file, session, form):
                raise Problem(NO_SESSION)
            size = file.tell()
            file.seek(0)
    except BaseException:
        file.close()
        raise
    kind, ending = KINDS[form]
    name = f"moonlock-{'export' if session is None else 'session'}.{ending}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "content-length": str(size)}
    return Stream(_parts(file), media_type=kind, headers=headers)


def _parts(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while part := file.read(CHUNK):
            yield part


async def _imported(house: House, request: Request[Any, Any, Any], scope: str | None) -> ImportShape:
    with _aside(house) as file:
        with in_our_words():
            async for part in request.stream():
                file.write(part)
        try:
            return import_shape(await house.vault.take_in(file, scope))
        except UnfitImport as wrong:
            raise Problem(Refusal(400, "unfit_import", str(wrong), wrong.hint)) from None


def _aside(house: House) -> BinaryIO:
    with in_our_words():
        return cast("BinaryIO", tempfile.TemporaryFile(dir=house.vault.folder))
