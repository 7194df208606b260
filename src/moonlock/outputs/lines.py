"""What the lines of a table are: the rows of a report, what is known of them, and the shares below them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from moonlock.model.report import ModelUsage, Report, ReportRow
from moonlock.model.rows import Fields
from moonlock.model.tokens import Usage
from moonlock.outputs.shown import shown

Facts = Mapping[str, object]
"""What is known of a row beside its usage, by JSON name."""
NOTHING: Facts = MappingProxyType({})
COMMON = re.compile(r"^claude-(?=.)|-20\d{6}(?=$|-fast$)")
ADDED = ("calls", "failed", "denied", "open", "durationMs")
LARGEST_NAME = 200
"""No terminal shows more of a name, and to measure it costs time."""


class Line(NamedTuple):
    """One line. ``kind`` is row, active, gap, seed, share or total."""

    kind: str
    label: str
    usage: Usage | None
    """None where nothing is counted."""
    sessions: int = 0
    agents: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    facts: Facts = NOTHING
    seeded: int = 0
    """Tokens that are known roughly, in a line of a seed."""


def lines_of(report: Report, *, breakdown: bool) -> list[Line]:
    """All lines in order, the total last."""
    lines = []
    breakdown = breakdown and report.name != "model"
    names = _short_names(each.model for row in (*report.rows, report.totals) for each in row.models)
    for row in report.rows:
        lines.append(_line(row, names, is_model=report.name == "model"))
        if breakdown and lines[-1].kind != "gap":
            lines += _shares(row.models, names)
    seeds = _seeds(report.extra)
    is_descending = bool(report.rows and seeds) and report.rows[0].key > report.rows[-1].key
    lines = [*lines, *reversed(seeds)] if is_descending else [*seeds, *lines]
    total = report.totals
    lines.append(Line("total", "Total", total.usage, total.sessions, facts=_added(lines)))
    return lines + _shares(total.models, names) if breakdown and len(total.models) > 1 else lines


def part(facts: Facts, name: str) -> Facts:
    """The facts of a fact; empty when it is unknown."""
    found = facts.get(name)
    return dict(found) if isinstance(found, tuple) else NOTHING


def number(facts: Facts, name: str) -> float | None:
    """A fact that is a number."""
    found = facts.get(name)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def text(facts: Facts, name: str) -> str:
    """A fact that is a text, fit for a terminal; empty when it is unknown."""
    found = facts.get(name)
    return shown(found[:LARGEST_NAME]) if isinstance(found, str) else ""


def _line(row: ReportRow, names: Mapping[str, str], *, is_model: bool) -> Line:
    facts = dict(row.extra)
    kind = "gap" if facts.get("isGap") else "active" if facts.get("isActive") else "row"
    models = tuple(names[each.model] for each in row.models)
    label = names.get(row.key, row.key) if is_model else row.key
    usage = None if kind == "gap" else row.usage
    return Line(kind, shown(label[:LARGEST_NAME]), usage, row.sessions, row.agents, models, facts)


def _short_names(models: Iterable[str]) -> dict[str, str]:
    """Models without maker and day of release, as long as that tells them apart."""
    names = {model: COMMON.sub("", shown(model[:LARGEST_NAME])) for model in models}
    met = Counter(names.values())
    return {model: name if met[name] == 1 else shown(model[:LARGEST_NAME]) for model, name in names.items()}


def _shares(models: tuple[ModelUsage, ...], names: Mapping[str, str]) -> list[Line]:
    return [Line("share", f"  {names[each.model]}", each.usage) for each in models]


def _added(lines: list[Line]) -> Facts:
    """What adds up beside usage: the calls of all tools, and the time they took."""
    found = [{name: number(line.facts, name) for name in ADDED} for line in lines if "calls" in line.facts]
    return {name: sum(facts[name] or 0 for facts in found) for name in ADDED} if found else NOTHING


def _seeds(extra: Fields) -> list[Line]:
    """Days that are known roughly from an older count, which no total contains."""
    found = part(dict(extra), "approximate").get("rows")
    rows = [dict(row) for row in found if isinstance(row, tuple)] if isinstance(found, list) else []
    return [Line("seed", text(row, "key"), None, seeded=int(number(row, "tokens") or 0)) for row in rows]
