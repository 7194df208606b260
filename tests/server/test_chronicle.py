"""One session in its details over HTTP, from a real server that read a real log."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from claude_lines import MINUTE, SECOND, SESSION, TEN, call, prompted, result, said, transcript, usage
from serving import Server, eventually, server

from moonlock.model.instant import iso

STORY = [
    prompted("secret words", TEN),
    *(call(f"toolu_{n}", "Read", {"path": "a"}, TEN + n * SECOND, uuid=f"c{n}") for n in range(1, 30)),
    *(result(f"toolu_{n}", TEN + n * SECOND + 500, uuid=f"r{n}") for n in range(1, 30)),
    said("msg_end", "req_end", usage(5, 70), TEN + MINUTE, uuid="end"),
]


class Caller:
    """Asks one server about one session."""

    def __init__(self, running: Server, log: Path) -> None:
        self.server, self.log = running, log

    def get(self, path: str, session: str = SESSION) -> Any:
        return self.server.get(f"/api/sessions/{session}{path}")

    def refusal(self, path: str, session: str = SESSION) -> str:
        return str(self.get(path, session)["error"]["code"])

    def all(self, path: str, field: str) -> list[Any]:
        """Every part of a list, put together."""
        found: list[Any] = []
        page = self.get(path)
        while True:
            found += page[field]
            if page["nextCursor"] is None:
                return found
            joined = "&" if "?" in path else "?"
            page = self.get(f"{path}{joined}cursor={page['nextCursor']}")

    def post(self, path: str, body: object) -> Any:
        request = urllib.request.Request(
            self.server.url + path, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=30) as reply:
            return json.load(reply)


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    home = tmp_path_factory.mktemp("home")
    log = transcript(home, *STORY)
    with server(home) as running:
        asker = Caller(running, log)
        eventually(lambda: "error" not in asker.get(""))
        asker.post("/api/sessions", {"name": "Focus"})
        yield asker


def test_events_come_in_parts_that_make_the_whole(caller: Caller) -> None:
    whole = caller.get("/events?limit=500")
    assert whole["nextCursor"] is None and len(whole["events"]) == 1 + 30 + 29
    assert caller.all("/events?limit=7", "events") == whole["events"]
    assert [event["at"] for event in whole["events"]] == sorted(event["at"] for event in whole["events"])


def test_events_of_some_kinds(caller: Caller) -> None:
    found = caller.get("/events?kind=prompt&kind=tool&limit=3")["events"]
    assert [event["kind"] for event in found] == ["prompt", "tool", "tool"]
    assert found[1]["tool"] | {"id": ""} == {
        "id": "",
        "tool": "Read",
        "state": "ended",
        "startedAt": iso(TEN + SECOND),
        "durationMs": 500,
        "outcome": "ok",
        "subagent": None,
        "target": None,
        "added": None,
        "removed": None,
    }


def test_the_timeline_is_as_fine_as_is_asked(caller: Caller) -> None:
    whole, coarse = caller.get("/timeline"), caller.get("/timeline?maxSpans=10")
    assert whole["whole"] == coarse["whole"] == {"spans": 30, "marks": 1, "points": 30}
    assert (len(whole["spans"]), len(coarse["spans"])) == (30, 10)
    assert sum(span["count"] for span in coarse["spans"]) == 30
    assert whole["points"][-1]["tokens"] == coarse["points"][-1]["tokens"] == caller.get("")["tokens"]
    part = caller.get(f"/timeline?from={iso(TEN + 10 * SECOND)}&to={iso(TEN + 20 * SECOND)}")
    assert part["from"] == iso(TEN + 10 * SECOND) and part["points"] == whole["points"][9:19]
    day = caller.get("/timeline?from=2025-10-05&to=2025-10-05")
    assert day["points"] == whole["points"]


def test_tools_and_report_add_up_to_the_session(caller: Caller) -> None:
    session, tools, report = caller.get(""), caller.get("/tools"), caller.get("/report")
    assert tools["totals"]["tokens"] == session["tokens"] and tools["totals"]["costUsd"] == session["costUsd"]
    assert {tool["tool"]: tool["calls"] for tool in tools["tools"]} == {"Read": 29, "(no tool)": 0}
    assert (report["session"]["id"], report["time"]["turns"], report["tools"]) == (session["id"], 1, tools["tools"])
    assert report["efficiency"]["activeMs"] == report["time"]["workingMs"] == MINUTE


def test_the_context_is_the_sessions_and_its_parts_add_up(caller: Caller) -> None:
    session, told = caller.get(""), caller.get("/context")
    assert told["context"] == session["context"] and told["peak"] >= session["context"]["used"]
    parts = told["fill"]
    assert parts["source"] == "estimated"
    assert sum(parts[name] for name in ("beginning", "summary", "answers", "results")) == session["context"]["used"]
    assert (told["compactions"], told["subagents"]) == ([], [])


def test_words_are_told_by_the_transcript_alone(caller: Caller) -> None:
    texts = [one["text"] for one in caller.all("/transcript?limit=9", "said")]
    assert (texts[0], len(texts)) == ("secret words", 1 + 29 + 29 + 1)
    for path in ("/events?limit=500", "/timeline", "/objectives", "/tools", "/report"):
        assert "secret" not in json.dumps(caller.get(path) | {"session": None})


def test_a_session_by_hand_has_events_a_timeline_and_a_report_but_no_log(caller: Caller) -> None:
    assert [event["status"]["kind"] for event in caller.get("/events", "Focus")["events"]] == ["start"]
    (span,) = caller.get("/timeline", "Focus")["spans"]
    assert (span["lane"], span["name"], span["endAt"]) == ("timer", "running", None)
    assert caller.get("/report", "Focus")["session"]["name"] == "Focus"
    for path in ("/context", "/objectives", "/tools", "/transcript"):
        assert caller.refusal(path, "Focus") == "not_from_log"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/events?kind=nonsense", "bad_parameter"),
        ("/events?limit=0", "bad_parameter"),
        ("/events?cursor=nonsense", "bad_cursor"),
        ("/timeline?maxSpans=9", "bad_parameter"),
        ("/timeline?from=yesterday", "bad_parameter"),
        ("/timeline?from=2026-01-02&to=2026-01-01", "bad_parameter"),
        ("/objectives?cursor=e30", "bad_cursor"),
        ("/transcript?cursor=WzAsNSwwXQ", "bad_cursor"),
        ("/transcript?cursor=Wy0xLDAsMF0", "bad_cursor"),
        ("/transcript?limit=201", "bad_parameter"),
        ("/transcript?subagent=nobody", "log_gone"),
    ],
)
def test_what_cannot_be_answered_is_refused_precisely(caller: Caller, path: str, code: str) -> None:
    assert caller.refusal(path) == code


@pytest.mark.parametrize(
    "path", ["/context", "/events", "/timeline", "/objectives", "/tools", "/transcript", "/report"]
)
def test_nobody_has_no_details(caller: Caller, path: str) -> None:
    assert caller.refusal(path, "nobody-like-this") == "no_such_session"


def test_sessions_of_one_origin(caller: Caller) -> None:
    def ids(query: str) -> list[str]:
        return [session["origin"] for session in caller.server.get(f"/api/sessions{query}")["sessions"]]

    assert (ids("?origin=manual"), ids("?origin=observed")) == (["manual"], ["observed"])
    assert sorted(ids("")) == ["manual", "observed"]
    assert caller.server.get("/api/sessions?origin=other")["error"]["code"] == "bad_parameter"


def test_a_log_that_is_gone_is_said_to_be_and_all_that_was_counted_stays(caller: Caller) -> None:
    caller.log.rename(caller.log.with_suffix(".gone"))
    try:
        assert caller.refusal("/transcript") == "log_gone"
        assert len(caller.get("/events?limit=500")["events"]) == 60
    finally:
        caller.log.with_suffix(".gone").rename(caller.log)
