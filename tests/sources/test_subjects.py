"""What tool calls were about: files, the first words of commands, lines; and nothing else of what they were given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from claude_lines import SECOND, TEN, batch, call, encoded, only, requests, result, said, tail, transcript
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from moonlock.model.events import ToolCall, ToolEnded
from moonlock.sources.claude_code.subjects import label, lines, subject

PATCH = [{"oldStart": 1, "oldLines": 2, "newStart": 1, "newLines": 3, "lines": [" a", "-b", "+c", "+d"]}]
EDITED = {"filePath": "/w/app.py", "originalFile": "a\nb", "structuredPatch": PATCH, "userModified": False}


def about(command: Any, tool: str = "Bash") -> tuple[str, int]:
    return subject(tool, Raw(json.dumps({"command": command}).encode()))


def tool(home: Path, *told: Any) -> ToolCall:
    (found,) = only(ToolCall, batch(transcript(home, *told)))
    return found


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("pytest", "pytest"),
        ("pytest -q tests/secret.py", "pytest"),
        ("git commit -m 'secret words'", "git commit"),
        ("git -C /w/secret status", "git status"),
        ("git -c user.email=ann@example.org --no-pager log", "git log"),
        ("git  \\\n  push origin", "git push"),
        ("git 'commit'", "git"),
        ("npm run secret", "npm run"),
        ("/usr/bin/npm test -- x", "npm test"),
        ("docker compose up", "docker compose"),
        ("kubectl -n secret get pods", "kubectl"),
        ("make deploy", "make"),
        ("./scripts/deploy.sh now", "deploy.sh"),
        ("'/opt/tools/run.sh' x", "run.sh"),
        ("TOKEN=secret deploy", "deploy"),
        ("TOKEN='a secret' A=\"b c\" deploy", "deploy"),
        ("TOKEN=$(cat secret file) deploy", ""),
        ("TOKEN=`cat secret` deploy", ""),
        ("env A=b C=d node x.js", "node"),
        ("timeout 300 pytest", "pytest"),
        ("sudo -u ann psql", "sudo"),
        ("nohup ./serve &", "serve"),
        ("npx vitest run", "vitest"),
        ("python -m pytest -x", "pytest"),
        ("python3.11 -m pip install secret", "pip install"),
        ("python -m", ""),
        ("python x.py", "python"),
        ("cd /w/secret && git push", "git push"),
        ("cd /w/secret\nls", "ls"),
        ("cd /w/secret", ""),
        ("export TOKEN=secret; set -e; make", "make"),
        ("# what this does\nls -la", "ls"),
        ("for f in *; do rm $f; done", "for"),
        ("ls|wc", "ls"),
        ("cat <<EOF\nsecret\nEOF", "cat"),
        ("(cd x; ls)", ""),
        ("$RUN secret", ""),
        ("a\\ b c", ""),
        ("'a secret sentence'", ""),
        ("'never closed", ""),
        ('TOKEN="$(read "a secret place")" deploy', ""),
        ('TOKEN="`read "a secret place"`" deploy', ""),
        ("TOKEN=$'it\\'s a secret' deploy", ""),
        ("TOKEN=${OTHER:-a secret word} deploy", ""),
        ('cd "$(dirname "a && secret b")" && make', ""),
        ('cd "${A:-"b; secret c"}"; make', ""),
        ('cd "C:\\dir\\"; Login -Password "a && secret', ""),
        ('cd "$(git rev-parse --show-toplevel)" && make', "make"),
        ('cd "$HOME/a b/${X}" && make', "make"),
        ("git com$(secret)", "git"),
        ("https://example.org/hook/secret", ""),
        ("ann@example.org:secret/secret", ""),
        ("'fix this and/or secret'", ""),
        ("C:/tools/run.exe secret", "run.exe"),
        ("'" + "/secret" * 100 + "/run'", ""),
        ("claude fix the secret", "claude"),
        ("секрет", ""),
        ("x" * 41, ""),
        ("echo " + "secret " * 1000, "echo"),
        ("A='" + "secret " * 1000 + "' deploy", ""),
        ("Get-ChildItem -Path C:\\secret", "Get-ChildItem"),
    ],
)
def test_the_label_of_a_command_names_its_program_and_subcommand_alone(command: str, shown: str) -> None:
    assert about(command)[0] == shown
    assert about(command, "PowerShell")[0] == shown
    if len(command) < 600:
        assert label(command) == shown


@given(
    st.lists(
        st.sampled_from(
            [
                "git",
                "ls",
                "-x",
                "A=b",
                " ",
                "\n",
                "\t",
                "&&",
                "'",
                '"',
                "\\",
                "/",
                "(",
                "é",
                "#",
                "5",
                ".",
                ":",
                ";",
                "cd",
                "python",
                "-m",
                "\u00a0",
                "=",
                "env",
                "|",
            ]
        )
    )
)
def test_one_look_says_what_all_looks_say(parts: list[str]) -> None:
    command = "".join(parts)
    assert about(command)[0] == label(command)


@given(st.text(alphabet=st.characters(exclude_characters="/", exclude_categories=["Cs"]), max_size=80))
def test_whatever_the_command_its_label_is_short_and_in_it(command: str) -> None:
    shown, mark = about(command)
    assert len(shown) <= 71 and shown.isascii() and all(word in command for word in shown.split())
    assert bool(mark) == bool(command)


def test_the_same_command_has_the_same_mark_and_another_one_another() -> None:
    assert about("pytest -q") == about("pytest -q")
    assert about("pytest -q")[1] != about("pytest -x")[1]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Read", {"file_path": "/w/app.py", "limit": 3}),
        ("Edit", {"file_path": "/w/app.py", "old_string": "a", "new_string": "b"}),
        ("MultiEdit", {"file_path": "/w/app.py", "edits": []}),
        ("Write", {"content": "secret", "file_path": "/w/app.py"}),
        ("NotebookEdit", {"notebook_path": "/w/app.py", "new_source": "secret"}),
        ("NotebookRead", {"notebook_path": "/w/app.py"}),
    ],
)
def test_a_call_that_works_on_one_file_says_which(tmp_path: Path, name: str, given: dict[str, Any]) -> None:
    found = tool(tmp_path, call("toolu_1", name, given))
    assert (found.target, found.mark) == ("/w/app.py", 0)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Grep", {"pattern": "secret", "path": "/w"}),
        ("WebFetch", {"url": "https://example.org"}),
        ("mcp__files__read", {"file_path": "/w/app.py"}),
        ("Unknown", {"command": "pytest"}),
        ("Read", {"file_path": 7}),
        ("Read", {}),
        ("Read", ["/w/app.py"]),
        ("Bash", {"command": 7}),
        ("Bash", {"command": ""}),
        ("Bash", {"command": None}),
        ("Bash", {}),
        ("Bash", "pytest"),
    ],
)
def test_of_other_tools_and_other_forms_nothing_is_kept(tmp_path: Path, name: str, given: Any) -> None:
    found = tool(tmp_path, call("toolu_1", name, given), result("toolu_1", toolUseResult=EDITED))
    assert (found.target, found.mark, found.added, found.removed) == ("", 0, None, None)


def test_a_path_is_one_harmless_line_of_400_characters(tmp_path: Path) -> None:
    found = tool(tmp_path, call("toolu_1", "Read", {"file_path": "/w/a\x1b[2J\n\u202eb" + "x" * 900}))
    assert found.target.startswith("/w/a [2J b") and len(found.target) == 400


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        (EDITED, (2, 1)),
        (EDITED | {"structuredPatch": PATCH * 3}, (6, 3)),
        (EDITED | {"structuredPatch": []}, (0, 0)),
        ({"type": "update", "content": "a\nb", "structuredPatch": []}, (0, 0)),
        ({"type": "create", "content": "a\nb\n", "structuredPatch": [], "originalFile": None}, (2, 0)),
        ({"type": "create", "content": "a\nb", "structuredPatch": []}, (2, 0)),
        ({"type": "create", "content": "", "structuredPatch": []}, (0, 0)),
        ({"type": "create", "content": 7, "structuredPatch": []}, (None, None)),
        (EDITED | {"structuredPatch": [{"lines": ["a", " b"]}]}, (None, None)),
        (EDITED | {"structuredPatch": None}, (None, None)),
        (EDITED | {"structuredPatch": [{"lines": 7}]}, (None, None)),
        ({"stdout": 'a word: "structuredPatch":[]'}, (None, None)),
        ({"filePath": "/w/app.py"}, (None, None)),
        ("Error: it has changed", (None, None)),
    ],
)
def test_lines_are_counted_as_the_result_counts_them(told: Any, counted: tuple[int | None, int | None]) -> None:
    assert lines(Raw(json.dumps(told).encode())) == counted


def test_a_call_has_the_lines_of_its_result_and_none_when_it_failed(tmp_path: Path) -> None:
    edit = call("toolu_1", "Edit", {"file_path": "/w/app.py"})
    found = tool(tmp_path, edit, result("toolu_1", TEN + SECOND, toolUseResult=EDITED))
    assert (found.target, found.added, found.removed) == ("/w/app.py", 2, 1)
    failed = tool(tmp_path, edit, result("toolu_1", TEN + SECOND, error=True, toolUseResult=EDITED))
    assert (failed.target, failed.added, failed.removed) == ("/w/app.py", None, None)


def test_a_result_that_stands_before_its_call_has_the_lines_too(tmp_path: Path) -> None:
    told = result("toolu_1", TEN, toolUseResult=EDITED), call("toolu_1", "Edit", {"file_path": "/w/app.py"})
    assert (tool(tmp_path, *told).added, tool(tmp_path, *told).target) == (2, "/w/app.py")


def test_a_result_of_an_earlier_reading_brings_its_lines(tmp_path: Path) -> None:
    path = transcript(tmp_path, call("toolu_1", "Edit", {"file_path": "/w/app.py"}))
    first = batch(path)
    path.write_bytes(path.read_bytes() + encoded(result("toolu_1", TEN + SECOND, toolUseResult=EDITED)))
    second = batch(path, first.cursor)
    assert only(ToolEnded, second) == [ToolEnded(only(ToolCall, first)[0].key, TEN + SECOND, "ok", 2, 1)]


def test_what_is_still_open_says_what_it_works_on(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, call("toolu_1", "Bash", {"command": "git push origin"})))
    (pending,) = tail(read).pending
    assert (pending.name, pending.target) == ("Bash", "git push")


def test_a_response_says_by_which_skill_it_worked(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, said(attributionSkill="code-changes"), said("msg_b", "req_b")))
    assert [event.skill for event in requests(read).values()] == ["code-changes", ""]


def test_the_skill_of_a_response_may_stand_on_any_of_its_lines(tmp_path: Path) -> None:
    plain, led = said(), said(attributionSkill="code-changes")
    for told in ((plain, led), (led, plain), (led, led)):
        (event,) = requests(batch(transcript(tmp_path, *told))).values()
        assert (event.skill, event.tokens.output) == ("code-changes", 50)


def test_an_odd_skill_is_none_and_the_response_counts(tmp_path: Path) -> None:
    (event,) = requests(batch(transcript(tmp_path, said(attributionSkill=["x"])))).values()
    assert (event.skill, event.tokens.output) == ("", 50)


def test_nothing_else_of_what_a_call_was_given_leaves_the_log(tmp_path: Path) -> None:
    given = {"command": "export A=secret1 && deploy --key secret2 secret3", "description": "secret4"}
    edit = {"file_path": "/w/app.py", "old_string": "secret5", "new_string": "secret6"}
    read = batch(
        transcript(
            tmp_path,
            call("toolu_1", "Bash", given),
            result("toolu_1", toolUseResult={"stdout": "secret7"}),
            call("toolu_2", "Edit", edit),
            result("toolu_2", toolUseResult=EDITED | {"oldString": "secret8"}),
        )
    )
    assert [event.target for event in only(ToolCall, read)] == ["deploy", "/w/app.py"]
    assert "secret" not in repr(read.events)
