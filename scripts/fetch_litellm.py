"""Fetch litellm's price table out of its wheel (41 MB), without installing it: `fetch_litellm.py prices.json`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

TABLE = "litellm/model_prices_and_context_window_backup.json"


def fetch(target: Path) -> str:
    """Write the table to ``target``; return the name of the wheel it came from."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*pip, "--dest", folder, "litellm"], check=True)
        (wheel,) = Path(folder).glob("litellm-*.whl")
        with ZipFile(wheel) as archive:
            target.write_bytes(archive.read(TABLE))
        return wheel.name


if __name__ == "__main__":
    print(fetch(Path(sys.argv[1])))
