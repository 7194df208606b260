"""What tool calls were about, from real logs to what leaves the house."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from claude_lines import HOUR, MINUTE, SECOND, SESSION, TEN, Line, call, prompted, result, said, transcript, usage

from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import builtin
from moonlock.live import chronicle, toolwork
from moonlock.live.shapes import Setting, session_shape
from moonlock.model.chronicle import FactKind
from moonlock.model.chronicle_shapes import EventShape
from moonlock.model.reading import Cursor
from moonlock.model.shapes import SessionShape
from moonlock.model.toolwork_shapes import ToolData
from moonlock.sources.base import look
from moonlock.sources.claude_code import ClaudeCode
from moonlock.store import Store

APP = "/home/ann/app"
TOOLS: tuple[FactKind, ...] = ("tool",)


def patched(added: int, removed: int) -> dict[str, Any]:
    """The result of an edit."""
    lines = [" same", *["+new"] * added, *["-old"] * removed]
    return {"filePath": "x", "structuredPatch": [{"oldStart": 1, "newStart": 1, "lines": lines}]}


def edited(number: int, path: str, added: int, removed: int = 0) -> list[Line]:
    at = TEN + number * SECOND
    return [
        call(f"toolu_{number}", "Edit", {"file_path": path, "old_string": "secret"}, at, uuid=f"c{number}"),
        result(f"toolu_{number}", at + 500, uuid=f"r{number}", toolUseResult=patched(added, removed)),
    ]


def ran(number: int, command: str, *, error: bool = False) -> list[Line]:
    at = TEN + number * SECOND
    return [
        call(f"toolu_{number}", "Bash", {"command": command}, at, uuid=f"c{number}"),
        result(f"toolu_{number}", at + 500, error=error, uuid=f"r{number}"),
    ]


def read_file(number: int, path: str) -> list[Line]:
    at = TEN + number * SECOND
    return [
        call(f"toolu_{number}", "Read", {"file_path": path}, at, uuid=f"c{number}"),
        result(f"toolu_{number}", at + 500, uuid=f"r{number}"),
    ]


STORY = [
    prompted("secret words", TEN, cwd=APP),
    *edited(1, f"{APP}/src/big.py", 5, 2),
    *edited(2, f"{APP}/src/big.py", 1),
    *edited(3, f"{APP}/small.py", 1, 1),
    *read_file(4, f"{APP}/small.py"),
    *read_file(5, "/etc/hosts"),
    *ran(6, "pytest -q tests/secret", error=True),
    *ran(7, "pytest -q tests/secret", error=True),
    *ran(8, "pytest -q"),
    *ran(9, "TOKEN=secret git commit -m secret"),
    said("msg_s", "req_s", usage(5, 70), TEN + MINUTE, uuid="s", attributionSkill="review"),
    call("toolu_open", "Edit", {"file_path": f"{APP}/src/open.py"}, TEN + 2 * MINUTE, uuid="open"),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.write(tmp_path / "moon.db", price_of(builtin()))
    yield store
    store.close()


@pytest.fixture
def session(store: Store, tmp_path: Path) -> SessionShape:
    log = look(str(transcript(tmp_path, *STORY)))
    assert log is not None
    store.append(list(ClaudeCode().read(log, Cursor(), 1 << 30)))
    found = store.session(SESSION)
    assert found is not None
    return session_shape(found, Setting(TEN + 2 * MINUTE + SECOND, {}))


def test_files_are_told_by_their_project_the_most_changed_first(store: Store, session: SessionShape) -> None:
    found, last = toolwork.files(store, session, None, 9)
    assert last is None
    assert [(one.path, one.reads, one.edits, one.added, one.removed) for one in found.files] == [
        ("src/big.py", 0, 2, 6, 2),
        ("small.py", 1, 1, 1, 1),
        ("/etc/hosts", 1, 0, None, None),
        ("src/open.py", 0, 0, None, None),
    ]
    totals = found.totals
    assert (totals.files, totals.edited, totals.calls, totals.added, totals.removed) == (4, 2, 6, 7, 3)


def test_commands_are_told_by_their_first_words_and_nothing_else(store: Store, session: SessionShape) -> None:
    found, last = toolwork.commands(store, session, None, 9)
    assert last is None
    assert [(one.label, one.runs, one.failed, one.failed_in_row, one.repeats) for one in found.commands] == [
        ("pytest", 3, 2, 2, 1),
        ("git commit", 1, 0, 0, 0),
    ]
    assert (found.totals.labels, found.totals.runs, found.totals.failed_in_row) == (2, 4, 2)
    assert b"secret" not in msgspec.json.encode(found)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_parts_put_together_are_the_whole_list(store: Store, session: SessionShape, limit: int) -> None:
    paths, labels = [], []
    after: toolwork.After | None = None
    while True:
        found, after = toolwork.files(store, session, after, limit)
        paths += [one.path for one in found.files]
        assert found.totals.files == 4
        if after is None:
            break
    while True:
        ran, after = toolwork.commands(store, session, after, limit)
        labels += [one.label for one in ran.commands]
        if after is None:
            break
    assert paths == ["src/big.py", "small.py", "/etc/hosts", "src/open.py"]
    assert labels == ["pytest", "git commit"]


def test_the_report_has_the_first_of_both_and_all_sums(store: Store, session: SessionShape) -> None:
    told = chronicle.report(store, session, builtin(), TEN + HOUR)
    assert told.files.totals == toolwork.files(store, session, None, 1)[0].totals
    assert [one.path for one in told.files.files][:2] == ["src/big.py", "small.py"]
    assert [one.label for one in told.commands.commands] == ["pytest", "git commit"]
    assert [(one.skill, one.requests) for one in told.skills] == [("review", 1)]
    assert told.skills == chronicle.tools(store, session).skills


def test_a_session_without_calls_has_neither(store: Store, session: SessionShape) -> None:
    nobody = msgspec.structs.replace(session, id="0" * 16)
    files, commands = toolwork.files(store, nobody, None, 9)[0], toolwork.commands(store, nobody, None, 9)[0]
    assert (files.files, files.totals.files, files.totals.added) == ([], 0, None)
    assert (commands.commands, commands.totals.runs, commands.totals.failed_in_row) == ([], 0, 0)


def test_the_state_says_on_what_the_tool_works(session: SessionShape) -> None:
    assert (session.status, session.state.tool, session.state.target) == ("running", "Edit", "src/open.py")


def test_events_say_what_calls_were_about_and_what_they_changed(store: Store, session: SessionShape) -> None:
    events, _ = chronicle.events(store, session, TOOLS, None, 20)

    def of(event: EventShape) -> ToolData:
        assert event.tool is not None
        return event.tool

    told = [(of(event).target, of(event).added, of(event).removed) for event in events]
    assert told[0] == ("src/big.py", 5, 2)
    assert [target for target, *_ in told[4:]] == [
        "/etc/hosts",
        "pytest",
        "pytest",
        "pytest",
        "git commit",
        "src/open.py",
    ]
    assert b"secret" not in msgspec.json.encode(events)
