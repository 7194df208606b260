"""What has to be said below a table, so that its numbers are read right."""

from __future__ import annotations

from datetime import tzinfo

from moonlock.config.zone import zone_of
from moonlock.model.report import Report
from moonlock.model.words import many
from moonlock.outputs.figures import dollars, exact, lasting, local, share
from moonlock.outputs.lines import Facts, number, part, text
from moonlock.outputs.shown import shown

BLOCKS = {"active": "only the active block", "recent": "only blocks of the last three days"}
ONE_OF = {"agents": "agent", "projects": "project", "models": "model", "branches": "branch"}


def notes(report: Report) -> list[str]:
    """One line each: what is at least so much, what is rough, what was left out, and what was asked for."""
    return [*_at_least(report), *_beside(report), *asked(report), *_windows(report)]


def _at_least(report: Report) -> list[str]:
    usage = report.totals.usage
    said = []
    if usage.unpriced_requests:
        # The models of these rows; the reading knows those of all times.
        models = sorted(each.model for each in report.totals.models if each.usage.unpriced_requests)
        named = ", ".join(map(shown, models)) or "unknown models"
        missing = "recorded cost" if text(dict(report.extra), "cost") == "display" else "known price"
        mark = "- unknown" if usage.is_unpriced else "≥ at least"
        said.append(f"{mark}: {many(usage.unpriced_requests, 'request')} without a {missing}: {named}")
    if usage.understated:
        said.append(f"≥ at least: {many(usage.understated, 'request')} of old clients logged too few output tokens")
    return said


def _beside(report: Report) -> list[str]:
    reading = report.reading
    said = []
    seeds = part(dict(report.extra), "approximate")
    if seeds:
        source = text(seeds, "source") or "an older count"
        said.append(f"~ roughly, from {source}: input and output without cache, in no total")
    if reading.skipped:
        said.append(f"{many(reading.skipped, 'line')} could not be read; `moonlock doctor` says where")
    if reading.hidden_sessions:
        left_out = many(reading.hidden_sessions, "session that you deleted is", "sessions that you deleted are")
        said.append(f"{left_out} left out; `moonlock session list --deleted` shows which")
    return said


def asked(report: Report) -> list[str]:
    """How costs were made and what was left out, where that is not the usual thing."""
    facts = dict(report.extra)
    said = []
    mode = text(facts, "cost")
    if mode:
        said.append(f"cost: {mode}")
    chosen = part(facts, "filters")
    filters = [f"{ONE_OF.get(name, name)} {_names(names)}" for name, names in chosen.items() if name in ONE_OF]
    if filters:
        said.append(f"only {' · '.join(filters)}")
    blocks = BLOCKS.get(text(chosen, "blocks"))
    return [*said, blocks] if blocks else said


def _names(names: object) -> str:
    return " or ".join(shown(str(name)) for name in names) if isinstance(names, list) else shown(str(names))


def _windows(report: Report) -> list[str]:
    """What is known of the block that runs now, and of all finished ones."""
    if report.name != "blocks":
        return []
    zone = zone_of(report.timezone)
    running = [dict(row.extra) for row in report.rows if dict(row.extra).get("isActive")]
    said = [line for facts in running for line in _running(facts, zone)]
    limits = [part(dict(row.extra), "limit") for row in report.rows]
    said += [_limit(limit) for limit in limits if limit][-1:]
    marks = part(dict(report.extra), "marks")
    largest, heavy = number(marks, "maxBlockTokens"), number(marks, "p90BlockTokens")
    if largest:
        # Of few blocks the tenth is extrapolated (docs/numbers.md): beyond the biggest one it says nothing to a person.
        tenth = f", the heaviest tenth begins at {exact(round(heavy))}" if heavy and heavy <= largest else ""
        said.append(f"marks: the biggest finished block had {exact(round(largest))} tokens{tenth}")
    return said


def _running(facts: Facts, zone: tzinfo) -> list[str]:
    said = []
    burn, straight, window = (part(facts, name) for name in ("burnRate", "projection", "window"))
    if burn:
        rate = number(burn, "tokensPerMinute") or 0
        hourly = number(burn, "costPerHour")
        cost = "" if hourly is None else f" and {dollars(hourly)} an hour"
        said.append(f"active: burns {exact(round(rate))} tokens a minute{cost} now")
    if straight:
        left, total = number(straight, "remainingMinutes") or 0, number(straight, "totalTokens") or 0
        cost = dollars(number(straight, "totalCost") or 0)
        rest = lasting(left * 60_000)
        said.append(f"active: at its average pace {exact(round(total))} tokens and {cost} when it ends in {rest}")
    end = local(window.get("endAt"), zone)
    if end and text(window, "anchor"):
        said.append(f"active: the window of the live page ends {end:%H:%M} ({text(window, 'anchor')})")
    return said


def _limit(limit: Facts) -> str:
    """The limit, and how the latest block stands to it."""
    source, ahead = text(limit, "source"), number(limit, "projectedShare")
    origin = "the biggest finished block, a mark of habit" if source == "history" else source
    said = f"limit: {exact(round(number(limit, 'tokens') or 0))} tokens ({origin})"
    return said if ahead is None else f"{said}; {share(ahead)} of it at the average pace"
