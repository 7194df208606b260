"""Sessions as people see them, at every width and with everything that may be unknown."""

from __future__ import annotations

from datetime import UTC

import pytest

from moonlock.analytics.sessions import Status
from moonlock.model.chronicle import Shared
from moonlock.model.instant import HOUR, MINUTE
from moonlock.model.label import Label
from moonlock.model.report import ModelUsage, ToolUse
from moonlock.model.session import Session, SessionKey, Subagent, Tail
from moonlock.model.tokens import Tokens, Usage
from moonlock.model.toolwork import CommandWork, FileWork
from moonlock.outputs.sessions import About, cost_in_words, described, facts, listed

NOON = 1_760_011_200_000
USED = Usage(Tokens(1, 20, 300, 0, 4000), 3, 1_250_000)
BARE = Session(
    "00" * 8, SessionKey("claude-code", "-w-app", "s1"), "", "app", "", "", "", None, None, "", Tail(), Usage(), Usage()
)


def whole(**more: object) -> Session:
    given: dict[str, object] = {
        "title": "Fix the\x1b[31m login",
        "cwd": "/w/app/src",
        "first_at": NOON,
        "last_at": NOON + HOUR,
        "usage": USED,
        "subagents": Usage(Tokens(1, 1, 0, 0, 0), 1, 10_000),
        "agents": (Subagent("x", "opus", NOON, NOON, Usage()),),
        "root": "/w/app",
        **more,
    }
    return Session(**{name: given.get(name, getattr(BARE, name)) for name in Session.__struct_fields__})  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_list_fits_and_obeys_no_log(width: int) -> None:
    long = whole(title="漢字" * 100, label=Label("", "", ("night",)))
    text = listed([(whole(), "running"), (long, "completed"), (BARE, "completed")], UTC, "more", width, styled=False)
    assert all(len(line) <= width for line in text.splitlines())
    assert "\x1b" not in text and "(no title)" in text and "2025-10-09" in text and text.endswith("\nmore")
    assert ("running" in text, "night" in text) == ((True, True) if width == 200 else (False, False))
    assert ("2025-10-09 13:00" in text) == (width > 60)
    head = text.splitlines()[0]
    assert "─" not in text and head.index("Project") - head.index("Session") <= 48 + 2
    coloured = listed([(whole(), "running")], UTC, "", width, styled=True)
    assert "\x1b[" in coloured and "─" in coloured
    assert listed([], UTC, "", width, styled=False) == "No sessions"


def test_everything_that_is_known_is_said_once() -> None:
    tools = [ToolUse("Bash", 12, 2, 1, 0, 5), ToolUse("Read", 3, 0, 0, 0, 5)]
    status = Status("running", NOON + MINUTE, "Bash", certain=False)
    about = About(status, [ModelUsage("opus", USED)], [("main", USED), ("", Usage())], tools)
    told = dict(facts(whole(label=Label("Mine", "one\ntwo", ("a",))), about, UTC))
    assert told["title"].startswith("Fix the") and told["folder"] == "/w/app/src"
    assert told["status"] == "running on Bash since 2025-10-09 12:01, most likely"
    assert told["time"] == "2025-10-09 12:00 to 2025-10-09 13:00 (1 h)"
    assert told["sub-agents"] == "1, which are part of this: 1 request, 2 tokens, $0.01"
    assert told["tools"] == "Bash 12 (2 failed, 1 denied), Read 3"
    assert told["branches"] == "(none)  0 requests, 0 tokens, $0.00"
    text = described("Mine\x1b[2J", list(facts(whole(), about, UTC)), 80)
    assert all(len(line) <= 80 for line in text.splitlines()) and "\x1b" not in text
    assert text.count("  tokens ") == 1 and "title" not in text
    path = "/home/someone/" + "deep/" * 20 + "log.jsonl"
    assert path in described("Mine", [("log", path)], 80), "a path can be copied"


def test_files_commands_and_skills_are_told_with_the_first_of_them() -> None:
    files = [
        FileWork("/w/app/src/a.py", 3, 1, 2, 0, 1_200, 4, NOON, NOON),
        FileWork("/w/app/b\x1b.py", 1, 0, 1, 0, None, None, NOON, NOON),
        FileWork("/etc/hosts", 1, 1, 0, 0, None, None, NOON, NOON),
    ]
    commands = [
        CommandWork("pytest", 12, 3, 0, 0, 2, 9, 5, NOON, NOON),
        CommandWork("", 1, 0, 0, 0, 0, 0, 5, NOON, NOON),
    ]
    skills = [Shared("review", 2, 0, 0, 0, 5, USED)]
    about = About(Status("completed", None), [], [], [], skills, files, commands)
    told = list(facts(whole(), about, UTC))
    assert [text for label, text in told if label == "files"] == [
        "2 changed (+1,200 -4), 2 read",
        "src/a.py  2 edits (+1,200 -4)",
        "b\x1b.py  1 edit",
    ]
    assert ("commands", "pytest 12 (3 failed, 2 times in a row), (other) 1") in told
    assert next(text for label, text in told if label == "skills").startswith("review  ")
    text = described("Mine", told, 80)
    assert "\x1b" not in text and all(len(line) <= 80 for line in text.splitlines())


def test_what_is_not_known_is_left_out() -> None:
    about = About(Status("completed", None), [], [], [])
    told = [label for label, text in facts(BARE, about, UTC) if text]
    assert told == ["id", "agent", "project", "status", "tokens", "tokens", "tokens", "cost", "requests"]
    low = Usage(understated=2)
    assert "2 requests of old clients" in dict(facts(whole(usage=low), about, UTC))["tokens"]


def test_money_says_what_it_leaves_out() -> None:
    assert cost_in_words(USED) == "$1.25"
    assert cost_in_words(Usage(Tokens(5), 1, 0, 1, 5)) == "5 tokens without a known price"
    assert cost_in_words(Usage(Tokens(5), 2, 10_000, 1, 5)) == "≥ $0.01 and 5 tokens without a known price"
