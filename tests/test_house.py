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
from typing import get_args

import msgspec
import pytest
from server.small_house import SmallHouse

import moonlock
from moonlock.config.said import CONFIG_FILE_NAMES
from moonlock.config.settings import OLDER_NAMES, SETTINGS, Config
from moonlock.model.wire import ClientMessage, ServerMessage
from moonlock.server import rest
from moonlock.server.page import Page
from moonlock.server.site import Site

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


def test_functions_take_few_parameters_and_classes_show_few_methods() -> None:
    for tree in TREES.values():
        for function in functions(tree):
            given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            assert len([one for one in given if one.arg not in ("self", "cls")]) <= 5, function.name
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                assert len(list(methods(node))) <= 10, node.name


def methods(node: ast.ClassDef) -> Iterator[str]:
    """The public ones; a property is no method to whoever uses it."""
    for one in node.body:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            if one.name.startswith("_") or "property" in map(ast.unparse, one.decorator_list):
                continue
            yield one.name


def test_components_of_the_page_are_short() -> None:
    for path in (ROOT / "web/src").rglob("*.tsx"):
        if ".test." not in path.name:
            assert len(path.read_text("utf-8").splitlines()) <= 150, path.name


def test_nothing_is_left_for_later() -> None:
    kinds = {".py", ".ts", ".tsx", ".css", ".md", ".sh", ".toml", ".yml"}
    folders = [ROOT / name for name in ("src", "tests", "tools", "benches", "scripts", "web/src", "docs")]
    texts = [path for folder in folders for path in folder.rglob("*") if path.suffix in kinds]
    later = re.compile(r"(#|//|/\*|<!--) ?(TODO|FIXME|XXX)\b")
    assert [path.name for path in texts if later.search(path.read_text("utf-8"))] == []


def test_every_decision_has_a_number_of_its_own_and_is_listed() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    listed = (ROOT / "docs/architecture.md").read_text("utf-8")
    for path in decisions:
        title = re.match(r"# 0*(\d+)[.:] (.+)\n", path.read_text("utf-8"))
        assert title and int(title[1]) == int(path.name[:4]), path.name
        assert f"- [{path.name[:4]}](decisions/{path.name}): {title[2]}\n" in listed, path.name


def test_every_setting_and_every_older_name_is_documented_with_its_default() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", (ROOT / "docs/settings.md").read_text("utf-8"), re.MULTILINE))
    fields = [field for field in msgspec.structs.fields(Config) if field.name not in ("places", "origins")]
    assert [field.name for field in fields] == list(SETTINGS)
    for field in fields:
        row = table[field.name]
        assert all(f"`{name}`" in row for name in OLDER_NAMES.get(field.name, ())), field.name
        if field.default not in (msgspec.NODEFAULT, "", (), None):
            shown = str(field.default).lower() if isinstance(field.default, bool) else field.default
            assert row.startswith(f"`{shown}` |")
    text = (ROOT / "docs/settings.md").read_text("utf-8")
    assert all(f"`{name}`" in text for name in CONFIG_FILE_NAMES)


def test_every_route_and_every_message_is_documented() -> None:
    text = (ROOT / "docs/api.md").read_text("utf-8")
    paths = {path for route in rest.routes(SmallHouse(), Site(Page({}))) for path in route.paths}
    assert {"/health", "/api/now"} < paths
    for path in paths:
        assert re.search(f"`(GET|POST) {re.escape(re.sub(':[a-z]+', '', path))}`", text), path
    for shape in get_args(ServerMessage):
        assert f"| `{shape.__struct_config__.tag}` |" in text
    for shape in get_args(ClientMessage):
        assert f'{{"type": "{shape.__struct_config__.tag}"' in text
