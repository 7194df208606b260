"""Records what ccusage prints for the conformance cases and the sample logs: what tests hold ``--format ccusage`` to.

    npm install --prefix FOLDER ccusage@20.0.24 @ccusage/ccusage-linux-x64@20.0.24
    python scripts/record_ccusage.py FOLDER/node_modules/@ccusage/ccusage-linux-x64/bin/ccusage [SAMPLE_HOME]

Only cases on which ccusage agrees with the suite are recorded, and of the sample logs nothing but token counts. The
case that needs a clock is moved by whole hours to the present, since the program reads its own.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests/conformance/cases"
RECORDS = ROOT / "tests/outputs/ccusage"
VERSION = "20.0.24"
OTHER_SOURCES = {"40_codex"}
MONDAY = ("--start-of-week", "monday")
QUESTIONS = {
    "daily": ("daily",),
    "weekly": ("weekly",),
    "monthly": ("monthly",),
    "session": ("session",),
    "blocks": ("blocks",),
    "claude daily": ("claude", "daily"),
    "claude weekly": ("claude", "weekly", *MONDAY),
    "claude monthly": ("claude", "monthly"),
    "claude session": ("claude", "session"),
}
OF_LIMITS = {f"blocks --limit {limit}": ("blocks", "--token-limit", limit) for limit in ("250000", "280000", "max")}
COUNTS = ("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "totalTokens")
TIMESTAMP = re.compile(r'(?<="timestamp":")[^"]+(?=")')


def main(program: str, sample: str = "") -> None:
    """Write a file for each case, and one for the sample logs if they are named."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if VERSION not in told:
        sys.exit(f"this is not ccusage {VERSION}: {told.strip()}")
    RECORDS.mkdir(exist_ok=True)
    for case in agreeing():
        write(RECORDS / f"{case.name}.json", recorded(program, case))
    if sample:
        write(RECORDS / "sample-logs.json", counted(program, Path(sample)))


def agreeing() -> Iterator[Path]:
    """The cases on which ccusage agrees with the suite in every number."""
    for case in sorted(CASES.iterdir()):
        expected = json.loads((case / "expected.json").read_text("utf-8"))
        if expected[f"ccusage {VERSION}"]["agrees"] and case.name not in OTHER_SOURCES:
            yield case


def recorded(program: str, case: Path) -> dict[str, Any]:
    """All documents of a case; with the moment and the shift in hours where the case needs a clock."""
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(case / "home", home)
        if "now" not in expected:
            return {"documents": documents(program, home, QUESTIONS)}
        now = datetime.now(UTC)  # noqa: TID251 - the other program looks at the clock too
        hours = (now - datetime.fromisoformat(expected["now"])) // timedelta(hours=1)
        move(home, hours)
        return {"now": now.isoformat(), "hours": hours, "documents": documents(program, home, QUESTIONS | OF_LIMITS)}


def documents(program: str, home: Path, questions: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    return {name: asked(program, home, *words) for name, words in questions.items()}


def asked(program: str, home: Path, *words: str) -> Any:
    """What the program prints about the logs of a home folder."""
    env = {"HOME": str(home), "TZ": "UTC"}
    command = [program, *words, "--timezone", "UTC", "--offline", "--json"]
    return json.loads(subprocess.run(command, env=env, capture_output=True, check=True, timeout=60).stdout)


def move(home: Path, hours: int) -> None:
    """All timestamps of the logs by so many hours."""
    for log in home.rglob("*.jsonl"):
        log.write_text(TIMESTAMP.sub(lambda found: later(found[0], hours), log.read_text("utf-8")), "utf-8")


def later(stamp: str, hours: int) -> str:
    moved = datetime.fromisoformat(stamp) + timedelta(hours=hours)
    return moved.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def counted(program: str, home: Path) -> dict[str, Any]:
    """Token counts of the sample logs by day and by session, and those of blocks by their start."""
    days, sessions = asked(program, home, "claude", "daily"), asked(program, home, "claude", "session")
    blocks = asked(program, home, "claude", "blocks")["blocks"]
    return {
        "days": {row["date"]: [row[name] for name in COUNTS] for row in days["daily"]},
        "sessions": {row["sessionId"]: [row[name] for name in COUNTS] for row in sessions["sessions"]},
        "blocks": {row["startTime"]: row["totalTokens"] for row in blocks if not row["isGap"]},
    }


def write(path: Path, record: dict[str, Any]) -> None:
    path.write_text(json.dumps(record, separators=(",", ":"), sort_keys=True) + "\n", "utf-8")
    print(path.relative_to(ROOT))


if __name__ == "__main__":
    main(*sys.argv[1:])
