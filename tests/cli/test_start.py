import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from lines import usage_line, write
from serving import MOONLOCK, environment, serving


def now(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/api/now", timeout=5) as said:
        return json.load(said)  # type: ignore[no-any-return]


def until_it_counts(url: str, output: int) -> None:
    end = time.monotonic() + 10
    while now(url)["tokens"]["output"] < output:
        assert time.monotonic() < end
        time.sleep(0.02)


def refused(home: Path, *args: str) -> str:
    said = subprocess.run(
        [MOONLOCK, "start", *args], env=environment(home), capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout) == (2, "")
    return said.stderr


def test_a_log_that_appears_while_it_runs_is_counted_and_remembered(tmp_path: Path) -> None:
    log = tmp_path / ".claude" / "projects" / "p" / "s1.jsonl"
    with serving(tmp_path, "--db", str(tmp_path / "kept.db")) as url:
        assert now(url)["tokens"]["output"] == 0
        log.parent.mkdir(parents=True)
        write(log, usage_line(1))
        until_it_counts(url, 50)
    log.unlink()
    with serving(tmp_path, "--db", str(tmp_path / "kept.db")) as url:
        assert now(url)["tokens"]["output"] == 50


def test_the_simulation_moves_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with serving(tmp_path, "--simulation") as url:
        until_it_counts(url, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_told_in_one_line_and_a_hint(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = refused(tmp_path, "--port", str(taken.getsockname()[1]))
    assert [line.split(":")[0] for line in said.splitlines()] == ["error", "hint"]
    assert "--port" in said


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])
def test_only_this_machine_is_served(tmp_path: Path, host: str) -> None:
    assert host in refused(tmp_path, "--host", host)


ASK = """
import sys, moonlock.cli
sys.argv = ["moonlock", "--help"]
try:
    moonlock.cli.main()
finally:
    print(*sys.modules)
"""


def test_help_loads_no_server() -> None:
    said = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stdout
    assert not {"litestar", "uvicorn", "apsw", "textual"} & set(said.splitlines()[-1].split())
