"""What the user pays for, by two keys of a file that holds much else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from moonlock.model.limits import Plan
from moonlock.sources.base import Subscriber
from moonlock.sources.claude_code import ClaudeCode

ACCOUNT = {
    "accountUuid": "0000",
    "emailAddress": "ann@example.com",
    "organizationType": "claude_max",
    "organizationRateLimitTier": "default_claude_max_20x",
}


def written(folder: Path, said: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / ".claude.json").write_text(said if isinstance(said, str) else json.dumps(said))
    return folder


def read(home: Path, **env: str) -> Plan | None:
    source = ClaudeCode()
    assert isinstance(source, Subscriber)
    return source.plan(env, home)


def test_two_words_are_read_and_nothing_else(tmp_path: Path) -> None:
    home = written(tmp_path, {"projects": {"/w": {"history": ["secret"]}}, "oauthAccount": ACCOUNT, "apiKey": "sk"})
    assert read(home) == Plan("claude_max", "default_claude_max_20x")


def test_the_tier_may_stand_beside_the_account(tmp_path: Path) -> None:
    account = {"organizationType": "claude_pro"}
    home = written(tmp_path, {"oauthAccount": account, "organizationRateLimitTier": "default_claude_ai"})
    assert read(home) == Plan("claude_pro", "default_claude_ai")


def test_a_folder_of_ones_own_has_its_own_account(tmp_path: Path) -> None:
    home = written(tmp_path / "home", {"oauthAccount": ACCOUNT})
    other = written(tmp_path / "work", {"oauthAccount": {"organizationType": "claude_team"}})
    assert read(home, CLAUDE_CONFIG_DIR=str(other)) == Plan("claude_team", "")
    assert read(home, CLAUDE_CONFIG_DIR=str(tmp_path / "nowhere")) is None


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "[]",
        "null",
        "\x00",
        "[" * 100_000,
        {},
        {"oauthAccount": None},
        {"oauthAccount": "me"},
        {"oauthAccount": {}},
        {"oauthAccount": {"organizationType": 7, "organizationRateLimitTier": ["x"]}},
        {"oauthAccount": {"organizationType": "x" * 100, "organizationRateLimitTier": "a b\n"}},
    ],
)
def test_whoever_pays_by_request_and_every_broken_file_has_none(tmp_path: Path, said: object) -> None:
    assert read(written(tmp_path, said)) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_no_file_or_none_that_is_one_is_never_waited_for(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    os.mkfifo(tmp_path / ".claude.json")
    assert read(tmp_path) is None
