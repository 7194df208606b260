"""Where things are kept, and who may read them."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from moonlock.config.load import load
from moonlock.config.places import places
from moonlock.config.token import peek, rotate, token
from moonlock.config.zone import local_zone

linux = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="XDG rules")


def test_one_variable_moves_everything_into_one_folder(tmp_path: Path) -> None:
    found = places({"MOONLOCK_HOME": str(tmp_path / "m"), "XDG_DATA_HOME": "/elsewhere"}, Path("/home/x"))
    for name in found._fields:
        assert getattr(found, name).is_relative_to(tmp_path / "m"), name


@linux
def test_without_it_the_folders_of_the_platform_are_used() -> None:
    found = places({}, Path("/home/x"))
    assert found.config_file == Path("/home/x/.config/moonlock/config.yaml")
    assert found.store == Path("/home/x/.local/share/moonlock/moonlock.db")
    moved = places({"XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "relative"}, Path("/home/x"))
    assert moved.store == Path("/data/moonlock/moonlock.db")
    assert moved.config_file == found.config_file


def test_another_store_leaves_the_other_places_where_they_are(tmp_path: Path) -> None:
    known = load({"db": "~/m.db"}, {"MOONLOCK_HOME": str(tmp_path)}, Path("/home/x"))
    assert known.db == known.places.store == Path("/home/x/m.db")
    assert known.places.token == tmp_path / "token"


@pytest.mark.skipif(os.name == "nt", reason="modes of files")
def test_the_token_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "token"
    before = os.umask(0)
    try:
        made = token(path)
    finally:
        os.umask(before)
    assert token(path) == peek(path) == made and len(made) >= 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_new_token_takes_the_place_of_the_old_one_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "token"
    assert peek(path) is None
    assert token(path) != rotate(path)
    assert [each.name for each in tmp_path.iterdir()] == ["token"]


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("UTC", "UTC"),
        ("Europe/Berlin", "Europe/Berlin"),
        (":America/Lima", "America/Lima"),
        ("/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
    ],
)
def test_the_zone_of_the_machine_is_told_by_its_name(said: str, zone: str) -> None:
    assert local_zone({"TZ": said}) == zone


def test_a_rule_instead_of_a_name_is_passed_over() -> None:
    assert "CET-1CEST" not in local_zone({"TZ": "CET-1CEST"})
