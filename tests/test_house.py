"""The bars that every module is held to, and the promises that need no running program to check."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import moonlock

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "src").rglob("*.py"))
TREES = {path: ast.parse(path.read_text()) for path in MODULES}


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_and_functions_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300
    for function in functions(TREES[path]):
        assert (function.end_lineno or 0) - function.lineno < 40, function.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_every_module_says_why_it_exists(path: Path) -> None:
    assert ast.get_docstring(TREES[path])


def test_nobody_is_a_manager() -> None:
    banned = ("Manager", "Handler", "Processor", "Orchestrator", "Service", "Utils")
    names = [node.name for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert [name for name in names if name.endswith(banned)] == []


def test_one_file_reads_the_clock() -> None:
    readers = [path.name for path in MODULES if re.search(r"datetime\.now\(|\btime\.time(_ns)?\(", path.read_text())]
    assert readers == ["clock.py"]


def test_the_typescript_types_are_those_of_the_frames() -> None:
    schema = subprocess.run(
        [sys.executable, ROOT / "tools/frames_schema.py"], capture_output=True, text=True, check=True
    )
    assert (ROOT / "web/frames.schema.json").read_text() == schema.stdout


def test_the_version_is_said_once_and_repeated_everywhere() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    page = json.loads((ROOT / "web/package.json").read_text())["version"]
    assert {told, page} == {moonlock.__version__}


def test_the_lock_files_name_no_registry_but_the_public_ones() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text()))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}
    packages = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_the_page_can_be_installed_on_every_system() -> None:
    """A registry that lacks some platforms makes npm write a lock file without them."""
    packages = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
    for tool in ("@biomejs/cli", "@rolldown/binding", "@tailwindcss/oxide", "@typescript/typescript"):
        for system in ("linux-x64", "darwin-arm64", "win32-x64"):
            assert any(f"{tool}-{system}" in name for name in packages), f"{tool}-{system}"
