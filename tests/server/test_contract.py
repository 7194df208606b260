"""What the description promises is what the server does, asked by a program that thinks of more than we do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from server.running import running
from server.small_house import SmallHouse, session

HERE = Path(__file__).parent


def test_no_request_that_the_description_allows_or_forbids_breaks_the_server(tmp_path: Path) -> None:
    """Statuses, types, shapes, methods and wrong values of every route; the seed makes each run the same."""
    house = SmallHouse([session(number) for number in range(1, 40)])
    house.start_by_hand("Focus")
    house.alarm("0123456789abcdef")
    with running(house=house) as server:
        address = f"{server.origin}/openapi.json"
        # A description cannot say which cursors exist, so a cursor of the right form may still be refused.
        options = ["--checks", "all", "--exclude-checks", "positive_data_acceptance", "--seed", "1"]
        amount = ["--phases", "coverage,fuzzing", "--max-examples", "25"]
        run = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", "run", address, *options, *amount],
            capture_output=True,
            encoding="utf-8",
            check=False,
            env={**os.environ, "NO_PROXY": "*", "SCHEMATHESIS_HOOKS": "lines_as_text", "PYTHONPATH": str(HERE)},
            cwd=tmp_path,  # it keeps what it found in the current folder
            timeout=180,
        )
    assert run.returncode == 0, run.stdout
