"""What a sync did, for people and for scripts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, NamedTuple

from moonlock.model.tokens import Usage
from moonlock.model.words import many, size, span

if TYPE_CHECKING:
    from moonlock.config.settings import Config
    from moonlock.live.catchup import SyncReport
    from moonlock.store import Store


class Synced(NamedTuple):
    """One sync: what was read, in how many milliseconds, and how many requests are known now and were not before.

    ``differences`` are what reading everything again brought, by day; None when nobody asked for that.
    """

    report: SyncReport
    took: int
    requests: int
    new: int
    differences: Mapping[str, Usage] | None = None


def by_day(store: Store, config: Config) -> dict[str, Usage]:
    """What the store knows of each day of the user's zone."""
    from moonlock.cli.asked import Asked
    from moonlock.cli.days import Days
    from moonlock.live import clock

    days = Days(Asked(), config.timezone, os.environ, clock.now())
    return {row.key: row.usage for row in store.daily(days.segments)}


def text(done: Synced) -> str:
    """What was read, how fast, what is known now, and how it differs from what was known."""
    report = done.report
    known = f"{many(done.requests, 'request')} known"
    if report.troubles:
        known += f"; {many(len(report.troubles), 'place')} could not be read (`moonlock doctor` says why)"
    if report.files:
        speed = size(report.bytes * 1000 // max(done.took, 1))
        read = f"Read {many(report.files, 'file')}, {size(report.bytes)} in {span(done.took)} ({speed}/s)"
    else:
        read = "Nothing new"
    return "\n".join([f"{read}; {known}", *_differences(done.differences)])


def document(done: Synced | None, running: str | None = None) -> str:
    """The same as ``moonlock.sync/1``; ``running`` is the server that reads the logs instead."""
    told: dict[str, object] = {"schema": "moonlock.sync/1", "running": running}
    if done is not None:
        report, found = done.report, done.differences
        told |= {
            "full": found is not None,
            "files": report.files,
            "bytes": report.bytes,
            "tookMs": done.took,
            "requests": done.requests,
            "newRequests": done.new,
            "unreadable": [trouble.message for trouble in report.troubles],
        }
        if found is not None:
            days = [{"day": day, **_figures(change)} for day, change in found.items()]
            told["differences"] = {**_figures(_sum(found.values())), "days": days}
    return json.dumps(told, indent=2, ensure_ascii=False)


def _differences(found: Mapping[str, Usage] | None) -> list[str]:
    if found is None:
        return []
    if not found:
        return ["No difference: the store holds all that the logs say"]
    lines = [(day, _signed(change)) for day, change in found.items()]
    widths = [max(len(part) for part in column) for column in zip(*(parts for _, parts in lines), strict=True)]
    shown = ["  ".join(part.rjust(width) for part, width in zip(parts, widths, strict=True)) for _, parts in lines]
    days = [f"  {day}  {said}" for (day, _), said in zip(lines, shown, strict=True)]
    return [f"Different from what was known: {', '.join(_signed(_sum(found.values())))}", *days]


def _signed(change: Usage) -> tuple[str, str, str]:
    """A change as three words; money to the cent, so that a smaller change shows in the tokens alone."""
    cost = round(change.cost / 1_000_000, 2)
    return (
        f"{change.requests:+,} {'request' if abs(change.requests) == 1 else 'requests'}",
        f"{change.tokens.total:+,} tokens",
        f"{'-' if cost < 0 else '+'}${abs(cost):,.2f}",
    )


def _figures(change: Usage) -> dict[str, int | float]:
    return {
        "requests": change.requests,
        "totalTokens": change.tokens.total,
        "costUsd": round(change.cost / 1_000_000, 6),
        "unpricedTokens": change.unpriced_tokens,
    }


def _sum(changes: Iterable[Usage]) -> Usage:
    return reduce(add, changes, Usage())
