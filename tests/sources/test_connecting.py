"""Entries of ours in Claude Code's settings: put in beside all else, found again, taken out without a trace."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.sources.claude_code.connecting import (
    DOOR,
    EVENTS,
    Unfit,
    Wanted,
    connected,
    disconnected,
    obstacles,
    speaks,
)

WANTED = Wanted("/opt/my tools/moonlock", "http://127.0.0.1:3001")
OWN = {"type": "command", "command": "~/line.sh --a 'b c' | head -1", "padding": 0}
OTHER = {"matcher": "Bash", "hooks": [{"type": "command", "command": "say done"}]}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.none() | st.booleans() | st.integers(-99, 99) | TEXT | st.lists(TEXT, max_size=2)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "model": TEXT,
        "env": st.dictionaries(TEXT, TEXT, max_size=2),
        "statusLine": st.fixed_dictionaries({"type": st.just("command"), "command": TEXT.filter(bool)}),
        "hooks": st.dictionaries(
            st.sampled_from([*EVENTS, "Other"]), st.lists(st.just(OTHER), min_size=1, max_size=2), min_size=1
        ),
        "x": VALUES,
    },
)


def test_a_file_that_is_not_there_gets_ours_and_nothing_else() -> None:
    found = json.loads(connected("", WANTED))
    assert found["statusLine"] == {"type": "command", "command": "'/opt/my tools/moonlock' statusline"}
    assert set(found["hooks"]) == set(EVENTS)
    entry = {"type": "http", "url": f"http://127.0.0.1:3001{DOOR}", "timeout": 2}
    assert all(groups == [{"hooks": [entry]}] for groups in found["hooks"].values())
    assert json.loads(disconnected(json.dumps(found))) == {}


def test_hooks_that_could_not_be_answered_are_not_asked_for() -> None:
    assert not {"SessionStart", "Setup", "MessageDisplay", "WorktreeCreate"} & set(EVENTS)


def test_the_users_own_line_is_chained_and_its_other_words_stay() -> None:
    line = json.loads(connected(json.dumps({"statusLine": OWN}), WANTED))["statusLine"]
    assert (line["padding"], line["command"].count("--then")) == (0, 1)
    assert json.loads(disconnected(json.dumps({"statusLine": line}))) == {"statusLine": OWN}


@given(SETTINGS, st.sampled_from([None, 2, 4, "\t"]), st.booleans())
def test_whatever_stands_there_is_there_again_afterwards(
    settings: object, indent: int | str | None, hooks: bool
) -> None:
    before = json.dumps(settings, indent=indent, ensure_ascii=False)
    after = connected(before, Wanted("moonlock", "http://127.0.0.1:1", hooks))
    assert connected(after, Wanted("moonlock", "http://127.0.0.1:1", hooks)) == after
    assert speaks(after) == (True, hooks)
    assert json.loads(disconnected(after)) == settings
    assert disconnected(before) == before


def test_another_port_or_place_takes_the_place_of_the_old_one() -> None:
    first = connected(json.dumps({"statusLine": OWN}), WANTED)
    second = connected(first, Wanted("/elsewhere/moonlock", "http://127.0.0.1:4000"))
    assert "3001" not in second
    assert json.loads(disconnected(second)) == {"statusLine": OWN}
    alone = connected(second, Wanted("/elsewhere/moonlock", "http://127.0.0.1:4000", hooks=False))
    assert speaks(alone) == (True, False)


def test_hooks_that_somebody_moved_or_joined_are_known_again() -> None:
    settings = json.loads(connected(json.dumps({"hooks": {"Stop": [OTHER]}}), WANTED))
    settings["hooks"]["Stop"].reverse()
    moved = json.dumps(settings)
    assert connected(moved, WANTED) == moved
    ours = settings["hooks"]["Stop"][0]["hooks"][0]
    joined = {"hooks": {"Stop": [{"matcher": "x", "hooks": [ours, *OTHER["hooks"]]}]}}
    assert json.loads(disconnected(json.dumps(joined))) == {"hooks": {"Stop": [{**OTHER, "matcher": "x"}]}}


def test_the_token_goes_where_the_server_asks_for_it() -> None:
    found = json.loads(connected("", Wanted("moonlock", "http://127.0.0.1:1", token="s3cret")))
    assert found["hooks"]["Stop"][0]["hooks"][0]["headers"] == {"Authorization": "Bearer s3cret"}


@pytest.mark.parametrize(
    ("text", "starts"), [('{\n\t"a": 1\n}', "{\n\t"), ('{"a":1}\n', '{"a"'), ("{\r\n  \r\n}", "{\r\n  ")]
)
def test_the_file_keeps_its_hand(text: str, starts: str) -> None:
    found = connected(text, WANTED)
    assert found.startswith(starts)
    assert found.endswith("\n") == text.endswith("\n")
    assert ("\r\n" in found) == ("\r\n" in text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not valid JSON"),
        ('{"a": 1, // mine\n"b": 2}', "comments are not JSON"),
        ('/* x */ {"a": 1}', "comments are not JSON"),
        ("[]", "not a table"),
        ('{"hooks": []}', "hooks are not a table"),
        ('{"hooks": {"Stop": {}}}', "for Stop are not a list"),
        ('{"a": 1, "a": 2}', "same name twice"),
        ('{"statusLine": "x"}', "statusLine is of a kind"),
        ('{"statusLine": {"type": "static", "command": "x"}}', "statusLine is of a kind"),
        ('{"a": 1e999}', "a number that cannot be written"),
        ('{"a": NaN}', "a number that cannot be written"),
        ("\ufeff{}", "byte order mark"),
        ("[" * 100_000, "nested too deeply"),
        (f'{{"a": {"1" * 5_000}}}', "a number that cannot be written"),
    ],
)
def test_what_could_be_lost_is_refused(text: str, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        connected(text, WANTED)


def test_what_would_keep_them_silent_is_told() -> None:
    assert obstacles("{}") == []
    found = obstacles('{"disableAllHooks": true, "allowedHttpHookUrls": []}')
    assert [each.split()[0] for each in found] == ["disableAllHooks", "allowedHttpHookUrls"]


@pytest.mark.parametrize(
    "command", ["moonlock status", "x statusline", "moonlock 'statusline", "moonlock statusline | x", ""]
)
def test_lines_that_are_not_ours_are_left_alone(command: str) -> None:
    text = json.dumps({"statusLine": {"type": "command", "command": command}, "hooks": {"Stop": ["odd", {"hooks": 1}]}})
    assert disconnected(text) == text
