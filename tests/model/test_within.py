"""Paths by the folder that they lie in."""

from __future__ import annotations

import pytest

from moonlock.model.within import within


@pytest.mark.parametrize(
    ("path", "folders", "told"),
    [
        ("/w/app/src/a.py", ("/w/app",), "src/a.py"),
        ("/w/app/src/a.py", ("/w/app/",), "src/a.py"),
        ("/w/app-two/a.py", ("/w/app",), "/w/app-two/a.py"),
        ("/w/app", ("/w/app",), "/w/app"),
        ("/w/app/", ("/w/app",), "/w/app/"),
        ("/tmp/x", ("/w/app", "/tmp"), "x"),
        ("/w/app/a", ("/w/app", "/w"), "a"),
        ("/etc/hosts", ("", "/"), "/etc/hosts"),
        ("C:\\work\\app\\a.py", ("C:\\work\\app",), "a.py"),
        ("src/a.py", ("/w",), "src/a.py"),
        ("", ("/w",), ""),
        ("pytest", ("/w",), "pytest"),
    ],
)
def test_a_path_is_told_by_the_first_folder_that_it_lies_in(path: str, folders: tuple[str, ...], told: str) -> None:
    assert within(path, folders) == told
