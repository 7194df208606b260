"""Which columns each report has, in their order, and which of them a narrow terminal goes without first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import NamedTuple

from moonlock.config.zone import zone_of
from moonlock.model.report import Report
from moonlock.model.tokens import Usage
from moonlock.outputs.figures import exact, lasting, local, money, share, short
from moonlock.outputs.lines import Line, number, part, text
from moonlock.outputs.shown import shown

Cell = Callable[[Line, bool], str]
"""What a line says in a column; briefly where there is little room."""


class Column(NamedTuple):
    """A column. The lower its rank, the later it is left out; ``WANTED`` and more is only shown where there is room."""

    head: str
    cell: Cell
    rank: int = 0
    least: int = 0
    """A text may be cut to this; a number is shown whole or not at all."""
    most: int = 0
    """What a text takes at most; 0 for numbers."""
    ends: bool = False
    """Names that begin alike, as tools of one server do, are cut in their middle."""


WANTED = 5
PERIODS = {"daily": "Day", "weekly": "Week of", "monthly": "Month", "hourly": "Hour"}
NAMES = {"model": "Model", "project": "Project", "branch": "Branch", "agent": "Agent"}
HOUR_WITH_OFFSET = 23
"""Characters that no period is cut to less than: without its offset an hour may be either of two."""
SMALLEST_KEY = 6
"""What a name is cut to when there is no room even without any other column."""


def columns_of(report: Report, lines: list[Line]) -> list[Column]:
    """All columns that the report could show, without those in which nothing would stand."""
    zone = zone_of(report.timezone)
    makers = {"session": _sessions, "blocks": _blocks, "tool": _tools, "skill": _skills}
    found = makers[report.name](zone) if report.name in makers else _plain(report)
    first, *others = found
    return [first, *(each for each in others if any(each.cell(line, False) for line in lines))]


def _plain(report: Report) -> list[Column]:
    """Periods, and everything that is known by a name."""
    if report.name in PERIODS:
        head, key, least = PERIODS[report.name], _hours(report) if report.name == "hourly" else _label, HOUR_WITH_OFFSET
    else:
        head, key, least = NAMES.get(report.name, report.name.capitalize()), _name, 20
    agents = {agent for row in report.rows for agent in row.agents}
    return [
        Column(head, key, least=least, most=40, ends=report.name not in PERIODS),
        *_kinds(1),
        Column("Requests", _requests, 5),
        Column("Sessions", _people, 6),
        *_total(),
        *([Column("Models", _models, 7, 10, 48)] if report.name != "model" else []),
        *([Column("Agents", _agents, 8, 8, 30)] if len(agents) > 1 and report.name != "agent" else []),
        Column("Folder", lambda line, _: text(line.facts, "path"), 9, 10, 60),
        Column("Worktrees", _worktrees, 10),
    ]


def _sessions(zone: tzinfo) -> list[Column]:
    return [
        Column("Session", _title, least=22, most=48),
        Column("Project", lambda line, _: text(line.facts, "project"), 2, 10, 24),
        Column("Last active", lambda line, brief: _when(line, "lastAt", zone, brief), 1),
        Column("Requests", _requests, 5),
        *_kinds(9),
        Column("Sub-agents", _subagents, 3),
        *_total(),
        Column("Models", _models, 6, 10, 32),
        Column("Branch", lambda line, _: text(line.facts, "branch"), 8, 8, 24),
        Column("Status", lambda line, _: text(line.facts, "status"), 7, 10, 10),
        Column("Id", lambda line, _: text(line.facts, "sessionId")[:8], 7),
    ]


def _tools(_: tzinfo) -> list[Column]:
    return _called("Tool")


def _skills(_: tzinfo) -> list[Column]:
    return _called("Skill")


def _called(head: str) -> list[Column]:
    """How calls went, by what is named at the head."""
    return [
        Column(head, _name, least=12, most=48, ends=True),
        Column("Calls", lambda line, brief: _counted(line, "calls", brief), 1),
        Column("Failed", lambda line, brief: _counted(line, "failed", brief), 2),
        Column("Denied", lambda line, brief: _counted(line, "denied", brief), 3),
        Column("Open", lambda line, brief: _counted(line, "open", brief), 6),
        Column("Time", _time, 4),
        Column("p50", lambda line, _: _lasted(line, "p50Ms"), 6),
        Column("p95", lambda line, _: _lasted(line, "p95Ms"), 5),
        *_kinds(7),
        Column("Requests", _requests, 8),
        *_total("Tokens"),
    ]


def _blocks(zone: tzinfo) -> list[Column]:
    return [
        Column("Start", lambda line, _: _start(line, zone), least=16, most=16),
        Column("End", lambda line, _: _end(line, zone), 1, 23, 23),
        Column("Window", lambda line, _: text(line.facts, "anchor"), 3, 9, 9),
        Column("Limit reset", lambda line, _: _reset(line, zone), 6),
        Column("Requests", _requests, 5),
        *_kinds(7),
        *_total(),
        Column("Of limit", _of_limit, 2),
        Column("Models", _models, 8, 10, 48),
    ]


def _kinds(rank: int) -> list[Column]:
    """The kinds of tokens; cache goes before input and output do."""
    return [
        Column("Input", _tokens(lambda usage: usage.tokens.input), rank),
        Column("Output", _output, rank),
        Column("Cache write", _tokens(lambda usage: usage.tokens.cache_creation), rank + 1),
        Column("Cache read", _tokens(lambda usage: usage.tokens.cache_read), rank + 1),
    ]


def _total(head: str = "Total") -> list[Column]:
    return [Column(head, _all_tokens), Column("Cost", lambda line, _: money(line.usage) if line.usage else "")]


def _tokens(of: Callable[[Usage], int]) -> Cell:
    return lambda line, brief: _count(of(line.usage), brief) if line.usage else ""


def _count(count: int, brief: bool) -> str:
    return short(count) if brief else exact(count)


def _output(line: Line, brief: bool) -> str:
    if not line.usage:
        return ""
    known = _count(line.usage.tokens.output, brief)
    return f"≥ {known}" if line.usage.understated else known


def _all_tokens(line: Line, brief: bool) -> str:
    if line.kind == "seed":
        return f"~ {_count(line.seeded, brief)}"
    return _count(line.usage.tokens.total, brief) if line.usage else ""


def _requests(line: Line, brief: bool) -> str:
    return _count(line.usage.requests, brief) if line.usage else ""


def _people(line: Line, brief: bool) -> str:
    return _count(line.sessions, brief) if line.sessions and line.kind != "share" else ""


def _counted(line: Line, name: str, brief: bool) -> str:
    """A count of calls; where nothing was called there is none."""
    found = number(line.facts, name)
    return "" if found is None or line.facts.get("calls") == 0 else _count(int(found), brief)


def _worktrees(line: Line, brief: bool) -> str:
    return _counted(line, "worktrees", brief) if number(line.facts, "worktrees") else ""


def _models(line: Line, _: bool) -> str:
    return ", ".join(line.models)


def _agents(line: Line, _: bool) -> str:
    return ", ".join(map(shown, line.agents))


def _label(line: Line, _: bool) -> str:
    return line.label


def _name(line: Line, _: bool) -> str:
    return line.label or "(none)"


def _title(line: Line, _: bool) -> str:
    named = text(line.facts, "name") or text(line.facts, "title") or text(line.facts, "sessionId")[:8]
    return named.strip() or line.label


def _subagents(line: Line, _: bool) -> str:
    spent, usage = number(line.facts, "subagentTokens"), line.usage
    return share(spent / usage.tokens.total) if spent and usage and usage.tokens.total else ""


def _time(line: Line, _: bool) -> str:
    spent = number(line.facts, "durationMs")
    return lasting(spent) if spent else ""


def _lasted(line: Line, name: str) -> str:
    """How long one call took, down to milliseconds."""
    spent = number(line.facts, name)
    if spent is None:
        return ""
    return f"{spent:.0f} ms" if spent < 1_000 else f"{spent / 1_000:.1f} s" if spent < 60_000 else lasting(spent)


def _hours(report: Report) -> Cell:
    """An hour as 2026-10-25 02:00; with its offset where the report has hours of two offsets."""
    offsets = {row.key[16:] for row in report.rows}

    def hour(line: Line, _: bool) -> str:
        if line.kind not in ("row", "seed"):
            return line.label
        told = line.label[:16].replace("T", " ")
        return f"{told} {line.label[16:]}" if len(offsets) > 1 else told

    return hour


def _when(line: Line, name: str, zone: tzinfo, brief: bool) -> str:
    at = local(line.facts.get(name), zone)
    return "" if at is None else _moment(at)[:10] if brief else _moment(at)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _start(line: Line, zone: tzinfo) -> str:
    at = local(line.facts.get("startAt"), zone)
    return _moment(at) if at else line.label


def _end(line: Line, zone: tzinfo) -> str:
    start, end = local(line.facts.get("startAt"), zone), local(line.facts.get("endAt"), zone)
    if start is None or end is None:
        return ""
    if line.kind == "gap":
        return f"gap {lasting((end - start).total_seconds() * 1000)}"
    left = number(part(line.facts, "projection"), "remainingMinutes")
    if line.kind == "active":
        return f"active, {lasting(left * 60_000)} left" if left else f"active until {end:%H:%M}"
    return f"{end:%H:%M}"


def _reset(line: Line, zone: tzinfo) -> str:
    at = local(line.facts.get("limitResetAt"), zone)
    return f"{at:%H:%M}" if at else ""


def _of_limit(line: Line, _: bool) -> str:
    used = number(part(line.facts, "limit"), "usedShare")
    return "" if used is None else share(used)
