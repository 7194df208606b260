"""A second reader of Claude Code's logs, as plain as can be and without any of Moonlock, which is held against it.

It knows what the generated trees hold, no more: one line a content block, copies at the start of resumed sessions.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

Sums = tuple[int, ...]
"""Input, output, cache writes, cache reads, requests."""
KINDS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class Account(NamedTuple):
    """What was used, by day (UTC) and model, by project folder, and by model."""

    days: dict[tuple[str, str], Sums]
    projects: dict[str, Sums]
    models: dict[str, Sums]


class Response(NamedTuple):
    at: str
    path: str
    folder: str
    model: str
    counts: Sums


def account(home: Path) -> Account:
    """Every response once: the largest of each count, at its first line, in the first file by path that has it."""
    responses: dict[tuple[str, str], Response] = {}
    root = home / ".claude" / "projects"
    for path in sorted(root.rglob("*.jsonl"), key=str):
        folder = path.relative_to(root).parts[0]
        for line in path.read_bytes().splitlines():
            said = json.loads(line)
            message = said.get("message") or {}
            if "usage" not in message:
                continue
            seen = _response(said, message, str(path), folder)
            ids = message["id"], said["requestId"]
            known = responses.get(ids)
            responses[ids] = seen if known is None else _both(known, seen)
    return _added(responses)


def _response(said: dict[str, Any], message: dict[str, Any], path: str, folder: str) -> Response:
    counts = tuple(message["usage"][kind] for kind in KINDS)
    return Response(said["timestamp"], path, folder, message["model"], counts)


def _both(known: Response, seen: Response) -> Response:
    first = min(known, seen, key=lambda response: (response.at, response.path))
    return first._replace(counts=tuple(map(max, known.counts, seen.counts)))


def _added(responses: dict[tuple[str, str], Response]) -> Account:
    days: defaultdict[tuple[str, str], Sums] = defaultdict(lambda: (0,) * 5)
    projects: defaultdict[str, Sums] = defaultdict(lambda: (0,) * 5)
    models: defaultdict[str, Sums] = defaultdict(lambda: (0,) * 5)
    for one in responses.values():
        counts = (*one.counts, 1)
        for sums, key in ((days, (one.at[:10], one.model)), (projects, one.folder), (models, one.model)):
            sums[key] = tuple(map(int.__add__, sums[key], counts))  # type: ignore[index]
    return Account(days, projects, models)
