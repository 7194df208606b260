"""Shapes of sources that are not transcripts, one table for each: what comes, and what is to be made of it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

SHAPES = Path(__file__).parent / "shapes"
REFERENCE = Path(os.environ.get("MOONLOCK_SHARED") or Path(__file__).parents[3] / "shared") / "reference"


def table(name: str) -> Any:
    """One file of shapes."""
    return json.loads((SHAPES / f"{name}.json").read_text("utf-8"))


def leaves(said: Any, above: str = "") -> Iterator[str]:
    """The dotted names of all fields, those of tables before what is in them."""
    for name, value in said.items():
        yield f"{above}{name}"
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{name}.")


def changed(said: Any, path: str, value: Any) -> Any:
    """The same with another value somewhere; None takes the field away, the word "null" makes it null."""
    name, _, rest = path.partition(".")
    if rest:
        return {**said, name: changed(said[name], rest, value)}
    without = {key: each for key, each in said.items() if key != name}
    return without if value is None else {**without, name: None if value == "null" else value}


def documented(heading: str) -> set[str]:
    """The names in the first column of the table below a heading of the reference."""
    path = REFERENCE / "live-sources.md"
    if not path.is_file():
        pytest.skip("no reference here: set MOONLOCK_SHARED to its folder")
    part = path.read_text("utf-8").split(heading, 1)[1].split("\n#", 1)[0]
    rows: Iterable[str] = (line.split("|")[1] for line in part.splitlines() if line.startswith("|"))
    return set(re.findall(r"\b[A-Za-z_]{4,}\b", " ".join(rows))) - {"event", "type"}
