"""Files, commands and skills over HTTP, from a real server that read a real log."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from claude_lines import MINUTE, SECOND, SESSION, TEN, call, prompted, result, said, transcript, usage
from serving import Server, eventually, server

STORY = [
    prompted("secret words", TEN, cwd="/home/ann/app"),
    *(call(f"toolu_{n}", "Read", {"file_path": f"/x/{n:02}é.py"}, TEN + n * SECOND, uuid=f"c{n}") for n in range(12)),
    *(result(f"toolu_{n}", TEN + n * SECOND + 500, uuid=f"r{n}") for n in range(12)),
    *(call(f"bash_{n}", "Bash", {"command": f"make{n} -j"}, TEN + MINUTE, uuid=f"b{n}") for n in range(5)),
    call("mcp_1", "mcp__github__read", {}, TEN + MINUTE, uuid="m1"),
    said("msg_s", "req_s", usage(5, 70), TEN + MINUTE, uuid="s", attributionSkill="review"),
]


class Caller:
    """Asks one server."""

    def __init__(self, running: Server) -> None:
        self.server = running

    def get(self, path: str, session: str = SESSION) -> Any:
        return self.server.get(f"/api/sessions/{session}{path}")

    def all(self, path: str, field: str) -> list[Any]:
        """Every part of a list, put together."""
        found: list[Any] = []
        page = self.get(path)
        while page["nextCursor"] is not None:
            found += page[field]
            page = self.get(f"{path}&cursor={page['nextCursor']}")
        return [*found, *page[field]]

    def start(self, name: str) -> None:
        request = urllib.request.Request(
            self.server.url + "/api/sessions", json.dumps({"name": name}).encode(), {"content-type": "application/json"}
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        direct.open(request, timeout=30).close()


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    home = tmp_path_factory.mktemp("home")
    transcript(home, *STORY)
    with server(home) as running:
        asker = Caller(running)
        eventually(lambda: "error" not in asker.get(""))
        asker.start("Focus")
        yield asker


@pytest.mark.parametrize(("field", "count"), [("files", 12), ("commands", 5)])
def test_lists_come_in_parts_that_make_the_whole(caller: Caller, field: str, count: int) -> None:
    whole = caller.get(f"/{field}?limit=500")
    assert (len(whole[field]), whole["nextCursor"]) == (count, None)
    assert caller.all(f"/{field}?limit=5", field) == whole[field]
    assert caller.get(f"/{field}?limit=1")["totals"] == whole["totals"]
    assert "secret" not in json.dumps(whole)


def test_tools_and_the_report_by_skill_tell_the_same(caller: Caller) -> None:
    (skill,) = caller.get("/tools")["skills"]
    assert (skill["skill"], skill["requests"], skill["calls"]) == ("review", 1, 0)
    assert caller.server.get("/api/tools")["skills"] == [skill]
    rows = caller.server.get("/api/analytics/usage?groupBy=skill")
    assert [row["key"] for row in rows["rows"]] == ["(no skill)", "review"]
    assert rows["rows"][1]["costUsd"] == skill["costUsd"]
    assert rows["totals"] == caller.server.get("/api/analytics/usage")["totals"]


def test_servers_stand_beside_all_tools(caller: Caller) -> None:
    found = caller.server.get("/api/tools?limit=1")
    (server,) = found["servers"]
    assert (len(found["tools"]), server["server"], server["tools"], server["calls"]) == (1, "github", 1, 1)
    assert caller.get("/tools")["servers"] == [server]


@pytest.mark.parametrize("path", ["/files", "/commands"])
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?limit=0", "bad_parameter"),
        ("?limit=501", "bad_parameter"),
        ("?cursor=x", "bad_cursor"),
        ("?cursor=WzFd", "bad_cursor"),
    ],
)
def test_unfit_questions_are_refused(caller: Caller, path: str, query: str, code: str) -> None:
    assert caller.get(path + query)["error"]["code"] == code


@pytest.mark.parametrize("path", ["/files", "/commands"])
def test_there_are_none_of_a_session_by_hand_or_of_none(caller: Caller, path: str) -> None:
    assert caller.get(path, "Focus")["error"]["code"] == "not_from_log"
    assert caller.get(path, "nobody")["error"]["code"] == "no_such_session"
