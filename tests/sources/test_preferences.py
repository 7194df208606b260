"""Settings files: what they say of contexts, strongest last; whatever else stands in them, or is broken, is nothing."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moonlock.analytics.context import trigger_of, window_size
from moonlock.model.session import Tail
from moonlock.sources.base import Preferring
from moonlock.sources.claude_code import ClaudeCode
from moonlock.sources.claude_code.preferences import LARGEST, MODEL, NAMES, WINDOW, Preferences

OPUS = "claude-opus-4-8-20260601"
SECRET = "sk-of-somebody"


def written(folder: Path, said: object, name: str = ".claude/settings.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(said if isinstance(said, str) else json.dumps(said))
    return path


def read(home: Path, project: Path | None = None, env: Mapping[str, str] | None = None) -> Preferences:
    source = ClaudeCode()
    assert isinstance(source, Preferring)
    found = source.preferences(env or {}, home)
    assert isinstance(found, Preferences)
    found.look([str(project)] if project else [])
    return found


def told(
    home: Path, project: Path | None = None, model: str = OPUS, env: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    return read(home, project, env).environment(str(project or ""), model)


def test_without_a_file_the_environment_stays_as_it_is(tmp_path: Path) -> None:
    assert told(tmp_path, tmp_path / "w", env={"PATH": "/bin"}) == {"PATH": "/bin"}


def test_each_key_becomes_what_it_is_called_in_the_environment(tmp_path: Path) -> None:
    written(tmp_path, {"model": "opus[1m]", "autoCompactWindow": 400_000, "autoCompactEnabled": False})
    assert told(tmp_path) == {MODEL: "opus[1m]", WINDOW: "400000", "DISABLE_AUTO_COMPACT": "1"}


def test_nothing_else_is_taken_from_a_file(tmp_path: Path) -> None:
    env = {"ANTHROPIC_API_KEY": SECRET, "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": 70, "CLAUDE_CODE_DISABLE_1M_CONTEXT": True}
    written(tmp_path, {"env": env, "apiKeyHelper": SECRET, "permissions": {"allow": [SECRET]}})
    found = read(tmp_path)
    assert found.environment("", OPUS) == {
        "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "70",
        "CLAUDE_CODE_DISABLE_1M_CONTEXT": "true",
    }
    assert SECRET not in repr(vars(found))


def test_a_project_is_stronger_than_its_user_and_what_is_said_locally_is_the_strongest(tmp_path: Path) -> None:
    home, project = tmp_path / "home", tmp_path / "w"
    written(home, {"autoCompactWindow": 300_000, "env": {MODEL: "haiku"}})
    assert told(home, project)[WINDOW] == "300000"
    written(project, {"autoCompactWindow": 400_000, "autoCompactEnabled": False})
    assert told(home, project) == {MODEL: "haiku", WINDOW: "400000", "DISABLE_AUTO_COMPACT": "1"}
    written(project, {"autoCompactEnabled": True, "env": {MODEL: "sonnet"}}, ".claude/settings.local.json")
    assert told(home, project) == {MODEL: "sonnet", WINDOW: "400000"}
    assert told(home, tmp_path / "other")[MODEL] == "haiku"


def test_the_environment_of_a_file_comes_before_ours_and_both_before_settings(tmp_path: Path) -> None:
    written(tmp_path, {"autoCompactWindow": 300_000, "model": "sonnet[1m]"})
    assert told(tmp_path, env={WINDOW: "200000", MODEL: "opus"}) == {WINDOW: "200000", MODEL: "opus"}
    written(tmp_path, {"autoCompactWindow": 300_000, "env": {WINDOW: "500000"}})
    assert told(tmp_path, env={WINDOW: "200000"}) == {WINDOW: "500000"}


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        (OPUS, True),
        ("claude-opus-4-8", True),
        ("Claude-Opus-4-8", True),
        ("opus", True),
        ("claude-opus-4", False),
        ("claude-sonnet-5", False),
        ("claude", False),
        ("", False),
    ],
)
def test_what_is_said_of_a_model_holds_for_it_alone(tmp_path: Path, name: str, holds: bool) -> None:
    written(tmp_path, {"autoCompactWindow": 300_000, "modelSettings": {name: {"autoCompactWindow": 600_000}}})
    assert told(tmp_path)[WINDOW] == ("600000" if holds else "300000")


def test_it_moves_the_window_and_where_it_is_compacted(tmp_path: Path) -> None:
    written(tmp_path, {"model": "sonnet[1m]", "modelSettings": {"claude-sonnet-4-5": {"autoCompactWindow": 500_000}}})
    env = told(tmp_path, model="claude-sonnet-4-5")
    size = window_size(Tail(context=5, model="claude-sonnet-4-5"), env)
    assert (size.limit, size.assumed, size.source) == (1_000_000, True, "configured")
    assert trigger_of(size.limit, "claude-sonnet-4-5", "2.1.311", env) == (467_000, "configured")
    written(tmp_path, {"autoCompactEnabled": False})
    assert trigger_of(200_000, OPUS, "2.1.311", told(tmp_path)) == (None, None)


@pytest.mark.parametrize(
    "said",
    [
        *("", "{", "[]", "null", "7", "// ours\n{}", '{"autoCompactWindow": 300000,}', "\x00", "[" * 100_000),
        *({}, {"env": None}, {"env": [WINDOW]}, {"env": {WINDOW: None, MODEL: ["x"]}}, {"modelSettings": 7}),
        {"modelSettings": {"opus": 7, OPUS: {"autoCompactWindow": "many"}, "x" * 999: {"autoCompactWindow": 200_000}}},
        {"autoCompactWindow": 99_999},
        {"autoCompactWindow": 1_000_001},
        {"autoCompactWindow": "400000"},
        {"autoCompactWindow": 4e5 + 0.5},
        {"autoCompactWindow": 10**30},
        {"autoCompactEnabled": "no", "model": {"id": "opus[1m]"}},
        {"model": "opus[1m]\n"},
        {"model": "x" * 999},
    ],
)
def test_what_is_broken_or_odd_says_nothing_and_hurts_nobody(tmp_path: Path, said: object) -> None:
    home, project = tmp_path / "home", tmp_path / "w"
    written(home, {"env": {"CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "80"}})
    written(project, said)
    assert told(home, project) == {"CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "80"}


def test_one_odd_key_does_not_hide_the_others(tmp_path: Path) -> None:
    written(tmp_path, {"model": 7, "env": "x", "autoCompactWindow": 300_000, "modelSettings": {"opus": None}})
    assert told(tmp_path) == {WINDOW: "300000"}


def test_a_file_that_is_not_understood_is_told_and_one_that_is_gone_is_not(tmp_path: Path) -> None:
    path = written(tmp_path, "{")
    found = read(tmp_path)
    (trouble,) = found.troubles()
    assert str(path) in trouble.message and found.files() == []
    path.unlink()
    assert not found.look([]) and found.troubles() == []


def test_only_a_file_that_changed_is_read_again_and_only_what_it_says_counts(tmp_path: Path) -> None:
    path = written(tmp_path, {"autoCompactWindow": 300_000})
    found = read(tmp_path)
    assert (found.look([]), found.read) == (False, 1)
    written(tmp_path, {"theme": "dark", "autoCompactWindow": 300_000})
    assert (found.look([]), found.read) == (False, 2)
    assert found.environment("", OPUS)[WINDOW] == "300000"
    written(tmp_path, {"autoCompactWindow": 350_000, "theme": "light!"})
    assert (found.look([]), found.read, found.environment("", OPUS)[WINDOW]) == (True, 3, "350000")
    path.unlink()
    assert found.look([]) and found.environment("", OPUS) == {}


def test_a_projects_file_counts_once_it_was_looked_at(tmp_path: Path) -> None:
    home, project = tmp_path / "home", tmp_path / "w"
    written(project, {"autoCompactWindow": 300_000})
    found = read(home)
    assert found.environment(str(project), OPUS) == {}
    assert found.look([str(project)]) and found.environment(str(project), OPUS) == {WINDOW: "300000"}


def test_no_other_machine_is_reached_for_and_no_folder_of_nowhere(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert [*found._paths(["//server/share", "\\\\server\\share", "w", ""])] == list(found._own)
    assert not found.look(["/\x00", "//server/share"])


def test_of_many_projects_and_models_a_bounded_number_is_kept(tmp_path: Path) -> None:
    written(tmp_path, {"autoCompactWindow": 300_000})
    found = read(tmp_path)
    found.look([f"/w/{number}" for number in range(1_000)])
    for number in range(2_500):
        assert found.environment("", f"claude-{number}")[WINDOW] == "300000"
    assert len(found._made) <= 1_000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_what_is_no_file_or_far_too_large_is_never_waited_for(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    os.mkfifo(tmp_path / ".claude" / "settings.json")
    assert told(tmp_path) == {}
    (tmp_path / ".claude" / "settings.json").unlink()
    written(tmp_path, json.dumps({"autoCompactWindow": 300_000}) + " " * LARGEST)
    assert told(tmp_path) == {}


WORDS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
VALUES = st.recursive(
    WORDS,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=4,
)
KEYS = ("env", "model", "autoCompactWindow", "autoCompactEnabled", "modelSettings")


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES | st.dictionaries(st.sampled_from([*NAMES, "opus"]), VALUES)))
def test_no_file_is_an_error_and_only_known_names_come_of_it(said: object) -> None:
    with tempfile.TemporaryDirectory() as home:
        written(Path(home), said)
        found = told(Path(home))
    assert set(found) <= set(NAMES) and all(isinstance(word, str) for word in found.values())
