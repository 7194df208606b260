"""What is carried out and in over HTTP."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from server.running import BARE, running
from server.small_house import EXPORT, SmallHouse, SmallVault, session

from moonlock.live.clock import now
from moonlock.live.vault import Form
from moonlock.server.access import access
from moonlock.server.app import build
from moonlock.server.guard import IMPORT_BYTES
from moonlock.server.keys import Keys

LINES = {"content-type": "application/x-ndjson"}
ONE = f"/api/sessions/{1:016x}/export"


@pytest.fixture
def house() -> SmallHouse:
    return SmallHouse([session(1), session(2)])


@pytest.fixture
def api(house: SmallHouse) -> Iterator[TestClient[Any]]:
    app: Any = build(house, BARE, access(("127.0.0.1", 3001)), Keys(lambda: "t", now))
    with TestClient(app, base_url="http://127.0.0.1:3001", raise_server_exceptions=False) as found:
        yield found


def test_an_export_is_a_file(api: TestClient[Any]) -> None:
    said = api.get("/api/export")
    assert (said.status_code, said.content) == (200, EXPORT)
    assert said.headers["content-type"] == "application/x-ndjson"
    assert said.headers["content-disposition"] == 'attachment; filename="moonlock-export.jsonl"'
    assert said.headers["content-length"] == str(len(EXPORT))


@pytest.mark.parametrize(
    ("query", "kind", "name"),
    [
        ("", "application/x-ndjson", "moonlock-session.jsonl"),
        ("?format=json", "application/x-ndjson", "moonlock-session.jsonl"),
        ("?format=csv", "text/csv", "moonlock-session.csv"),
        ("?format=html", "text/html", "moonlock-session.html"),
    ],
)
def test_a_session_is_exported_in_three_forms(query: str, kind: str, name: str, api: TestClient[Any]) -> None:
    said = api.get(ONE + query)
    assert said.status_code == 200
    assert said.headers["content-type"].partition(";")[0] == kind
    assert name in said.headers["content-disposition"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/sessions/nobody/export", 404, "no_such_session"),
        ("/api/sessions/a%C2%85b/export", 404, "no_such_session"),
        ("/api/sessions/0000/export", 400, "ambiguous_id"),
        (f"{ONE}?format=pdf", 400, "bad_parameter"),
    ],
)
def test_what_cannot_be_exported_is_refused(path: str, status: int, code: str, api: TestClient[Any]) -> None:
    said = api.get(path)
    assert (said.status_code, said.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/api/import", "/api/sessions/import"])
def test_what_was_exported_comes_in_and_everything_else_is_refused_by_its_line(path: str, api: TestClient[Any]) -> None:
    assert api.post(path, content=EXPORT, headers=LINES).status_code == 200
    cut = api.post(path, content=EXPORT[:-3], headers=LINES)
    assert (cut.status_code, cut.json()["error"]["code"]) == (400, "unfit_import")
    assert cut.json()["error"]["message"] == "Line 2 is damaged or cut off. Nothing was written."
    assert api.post(path).json()["error"]["message"].startswith("Line 1 is not the beginning of an export")


def test_the_door_for_sessions_takes_no_whole_store(api: TestClient[Any]) -> None:
    whole = EXPORT.replace(b'"session"', b'"store"', 1)
    assert "export of a session" in api.post("/api/sessions/import", content=whole, headers=LINES).text


def test_a_backup_says_where_it_is(api: TestClient[Any]) -> None:
    said = api.post("/api/backup")
    assert (said.status_code, said.json()["path"], said.json()["requests"]) == (201, "/backups/by-hand.db", 3)


class Full(SmallVault):
    """A house whose disk is full, or gone."""

    @property
    def folder(self) -> Path:
        return Path("/proc/nowhere")

    async def export(self, into: object, session: str | None = None, form: Form = "json") -> bool:
        raise AssertionError


def test_a_disk_that_takes_nothing_is_an_answer(house: SmallHouse, api: TestClient[Any]) -> None:
    house.vault = Full(house)
    said = api.get("/api/export")
    assert said.status_code in (500, 503) and set(said.json()["error"]) == {"code", "message", "hint"}


def test_a_body_without_an_end_is_cut_off_at_its_limit() -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(IMPORT_BYTES // 1_000_000 + 1):
            yield b"\n" * 1_000_000

    with running() as server:
        link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            link.request("POST", "/api/import", endless(), LINES, encode_chunked=True)
        reply = link.getresponse()
        assert (reply.status, b"too_large" in reply.read()) == (413, True)
        link.close()
