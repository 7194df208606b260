"""The walk finds each log once, whatever lies between them, and waits for nothing."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from moonlock.sources import ALL
from moonlock.sources.base import Walk, look, walk
from moonlock.sources.claude_code import ClaudeCode


def made(path: Path, text: str = "{}\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def walked(*roots: Path) -> Walk:
    return walk(roots, ClaudeCode().claims)


def paths(found: Walk) -> list[str]:
    return [seen.path for seen in found.found]


def test_claude_code_is_a_source() -> None:
    assert [source.name for source in ALL] == ["claude-code"]


def test_logs_are_found_at_any_depth_in_the_order_of_their_paths(tmp_path: Path) -> None:
    deep = made(tmp_path / "projects/-p/s1/subagents/workflows/wf_1/agent-a.jsonl")
    flat = made(tmp_path / "projects/-p/s1.jsonl")
    found = walked(tmp_path / "projects")
    assert paths(found) == [str(flat), str(deep)]
    assert found.found[0].size == 3 and found.found[0].modified == flat.stat().st_mtime_ns
    assert [(place.found, place.files) for place in found.places] == [(True, 2)]
    assert found.troubles == []


def test_a_root_that_does_not_exist_is_a_place_not_a_trouble(tmp_path: Path) -> None:
    found = walked(tmp_path / "nowhere")
    assert [(place.path, place.found, place.files) for place in found.places] == [(str(tmp_path / "nowhere"), False, 0)]
    assert found.troubles == []


def test_links_to_folders_and_files_are_followed(tmp_path: Path) -> None:
    made(tmp_path / "disk/-linked/s2.jsonl")
    made(tmp_path / "elsewhere.jsonl")
    (tmp_path / "projects/-p").mkdir(parents=True)
    (tmp_path / "projects/-linked").symlink_to(tmp_path / "disk/-linked")
    (tmp_path / "projects/-p/s3.jsonl").symlink_to(tmp_path / "elsewhere.jsonl")
    found = walked(tmp_path / "projects")
    assert [path.removeprefix(str(tmp_path)) for path in paths(found)] == [
        "/projects/-linked/s2.jsonl",
        "/projects/-p/s3.jsonl",
    ]


def test_a_file_with_several_paths_is_found_once_by_the_smallest(tmp_path: Path) -> None:
    real = made(tmp_path / "projects/-b/s.jsonl")
    (tmp_path / "projects/-a").mkdir()
    os.link(real, tmp_path / "projects/-a/hard.jsonl")
    (tmp_path / "projects/-c.jsonl").symlink_to(real)
    (tmp_path / "projects/-0").symlink_to(tmp_path / "projects/-b")
    assert paths(walked(tmp_path / "projects")) == [str(tmp_path / "projects/-0/s.jsonl")]


def test_a_file_below_two_roots_counts_for_one_of_them(tmp_path: Path) -> None:
    made(tmp_path / "a/projects/-p/s.jsonl")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    found = walked(tmp_path / "b/projects", tmp_path / "a/projects")
    assert [place.files for place in found.places] == [1, 0]


def test_loops_of_links_end(tmp_path: Path) -> None:
    log = made(tmp_path / "projects/-p/s.jsonl")
    (tmp_path / "projects/-p/up").symlink_to(tmp_path / "projects")
    (tmp_path / "projects/-p/self").symlink_to("self")
    found = walked(tmp_path / "projects")
    assert paths(found) == [str(log)]
    assert [trouble.code for trouble in found.troubles] == ["unreadable"]


def test_what_only_has_the_name_of_a_log_is_reported_and_never_opened(tmp_path: Path) -> None:
    folder = tmp_path / "projects/-p"
    (folder / "folder.jsonl").mkdir(parents=True)
    made(folder / "folder.jsonl/inside.jsonl")
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "null.jsonl").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(folder / "socket.jsonl"))
        found = walked(tmp_path / "projects")
    assert found.found == []
    assert [trouble.code for trouble in found.troubles] == ["not-a-file"] * 4
    names = sorted(trouble.message.partition(".jsonl")[0].rpartition("/")[2] for trouble in found.troubles)
    assert names == ["folder", "null", "pipe", "socket"]


def test_what_cannot_be_read_is_reported_with_a_hint(tmp_path: Path) -> None:
    made(tmp_path / "projects/-p/s.jsonl")
    (tmp_path / "projects/-p/gone.jsonl").symlink_to(tmp_path / "gone")
    file = made(tmp_path / "file/projects")
    found = walked(tmp_path / "projects", file, file / "below")
    assert len(found.found) == 1
    assert [trouble.code for trouble in found.troubles] == ["unreadable"] * 3
    assert all(trouble.hint for trouble in found.troubles)


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not stop root")
def test_an_unreadable_folder_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    made(tmp_path / "projects/-a/s.jsonl")
    made(tmp_path / "projects/-b/s.jsonl").parent.chmod(0)
    found = walked(tmp_path / "projects")
    (tmp_path / "projects/-b").chmod(0o700)
    assert len(found.found) == 1 and found.troubles[0].code == "unreadable"


def test_look_sees_regular_files_only(tmp_path: Path) -> None:
    log = made(tmp_path / "s.jsonl")
    os.mkfifo(tmp_path / "pipe.jsonl")
    seen = look(str(log))
    assert seen is not None and (seen.path, seen.size, seen.inode) == (str(log), 3, log.stat().st_ino)
    assert look(str(tmp_path / "pipe.jsonl")) is None
    assert look(str(tmp_path / "gone.jsonl")) is None
    assert look("a\0b") is None


def test_both_usual_places_are_searched() -> None:
    home = Path("/home/dev")
    assert ClaudeCode().roots({}, home) == [home / ".config/claude/projects", home / ".claude/projects"]
    elsewhere = ClaudeCode().roots({"XDG_CONFIG_HOME": "/xdg"}, home)
    assert elsewhere == [Path("/xdg/claude/projects"), home / ".claude/projects"]


def test_named_places_replace_the_usual_ones() -> None:
    named = {"CLAUDE_CONFIG_DIR": " /one , ~/two/projects,/one/projects,, three", "XDG_CONFIG_HOME": "/xdg"}
    assert [str(root) for root in ClaudeCode().roots(named, Path("/home/dev"))] == [
        "/one/projects",
        "/home/dev/two/projects",
        "/home/dev/three/projects",
    ]


@pytest.mark.parametrize(
    ("below", "claimed"),
    [
        ("-p/s.jsonl", True),
        ("-p/agent-1.jsonl", True),
        ("-p/s/subagents/agent-1.jsonl", True),
        ("-p/s/subagents/workflows/wf_1/agent-1.jsonl", True),
        ("-p/s/subagents/workflows/wf_1/journal.jsonl", False),
        ("-p/memory/notes.jsonl", False),
        ("-p/s/tool-results/1.jsonl", False),
        ("-p/s.jsonl.orphaned-1", False),
        ("-p/s/subagents/agent-1.meta.json", False),
    ],
)
def test_only_transcripts_are_claimed(below: str, claimed: bool) -> None:
    assert ClaudeCode().claims(f"/home/memory/.claude/projects/{below}") is claimed
