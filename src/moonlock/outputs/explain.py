"""A number explained for people: what it is made of, what was left out, at which prices, and the largest requests."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from textwrap import fill

from rich.console import Console
from rich.text import Text

from moonlock.config.zone import zone_of
from moonlock.live.explained import LESS, Explanation, Noted, Place
from moonlock.model.events import TIME_ASSUMED, TTL_ASSUMED, UNDERSTATED
from moonlock.model.instant import moment
from moonlock.model.tokens import Usage
from moonlock.model.words import many
from moonlock.outputs.explain_prices import prices
from moonlock.outputs.figures import exact, money, short
from moonlock.outputs.lines import COMMON
from moonlock.outputs.shown import shown

NAMED = 3
"""So many lines of one kind are named; --json has all."""
NARROWEST, WIDE = 40, 130
COLUMN = 65
"""Where a file begins that has room on the line of its request."""
_BEGINNING = re.compile(r" *(?:[-+]?[\d,]+  )?")
Line = tuple[str, str]
"""A style, and what is written in it."""


def render(found: Explanation, zone: str, width: int, *, styled: bool, limit: int) -> str:
    """Everything in short; ``limit`` is how many of the largest requests are named."""
    width = max(width, NARROWEST)
    lines = [
        *_head(found, zone, width),
        *_section("Made of", _made_of(found)),
        *_section("Left out", _left_out(found, width)),
        *_section("To know", notes(found)),
        *_section("Prices, in dollars for a million tokens", prices(found, width - 2)),
        *_section("Largest requests", _largest(found, zone, limit, width)),
        ("", ""),
        _verdict(found),
    ]
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=styled, highlight=False, emoji=False)
    for style, text in lines:
        console.print(Text(_hung(text, width), style=style if styled else ""))
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def _section(title: str, lines: Iterable[str]) -> list[Line]:
    body = [("dim" if text.startswith("   ") else "", f"  {text}") for text in lines]
    return [("", ""), ("bold", title), *body] if body else []


def _head(found: Explanation, zone: str, width: int) -> Iterator[Line]:
    scope, usage, tokens = found.scope, found.usage, found.usage.tokens
    titles = {
        "day": f"{scope.key} ({zone})",
        "session": f"Session {scope.name or scope.key} ({scope.key})" if scope.name else f"Session {scope.key}",
        "block": f"Block from {scope.key}",
        "total": "Everything",
    }
    yield "bold", shown(titles[scope.kind])[:width]
    parts = many(usage.requests, "request"), many(found.sessions, "session")
    yield "", f"  {many(tokens.total, 'token')} · {money(usage)} · {' · '.join(parts)}"
    writes, reads = exact(tokens.cache_creation), exact(tokens.cache_read)
    least = "≥ " if usage.understated else ""
    kinds = f"input {exact(tokens.input)}", f"output {least}{exact(tokens.output)}", f"cache write {writes}"
    yield from (("", f"  {line}") for line in _filled([*kinds, f"cache read {reads}"], " · ", width - 2))
    if found.aside.requests:
        yield "", f"  of it sub-agents: {_short(found.aside)}"


def _short(usage: Usage) -> str:
    return f"{many(usage.tokens.total, 'token')} · {money(usage)} · {many(usage.requests, 'request')}"


def _made_of(found: Explanation) -> Iterator[str]:
    heard = found.heard
    reasons: Counter[str] = Counter()
    for merged in found.merged:
        reasons[merged.reason] += len(merged.dropped)
    read = f"{many(heard.lines, 'line')} of {many(heard.files, 'file')} read again"
    yield f"{exact(heard.records):>9}  {_plural(heard.records, 'record')} ({read})"
    for reason, count in reasons.most_common():
        yield f"{f'-{count:,}':>9}  {reason}"
    if found.attempts:
        yield f"{f'+{found.attempts:,}':>9}  further billed {_plural(found.attempts, 'attempt')} of one answer"
    for missing in found.missing:
        if missing.reason != LESS:
            yield f"{f'+{missing.requests:,}':>9}  remembered: {missing.reason}"
    yield f"{exact(found.usage.requests):>9}  {_plural(found.usage.requests, 'request')}"


def _left_out(found: Explanation, width: int) -> Iterator[str]:
    heard = found.heard
    claimed = sum(each.tokens for each in heard.not_billed)
    claims = f", claiming {many(claimed, 'token')}" if claimed else ""
    yield from _some(f"never billed{claims}", heard.not_billed, width)
    yield from _some("skipped", heard.skipped, width)
    yield from _some("repaired, whole records counted", heard.repaired, width)
    yield from _some("waiting for its end", heard.pending, width)
    yield from _some("not in the store", [Noted(place, "") for place in heard.unknown], width)
    if heard.newer:
        yield f"{exact(heard.newer):>9}  {_plural(heard.newer, 'line')} written since the store was read"
    for missing in found.missing:
        yield f"{exact(missing.requests):>9}  {missing.reason}, {many(missing.tokens, 'token')}"
        if missing.file:
            yield f"{'':11}{_path(missing.file, width - 13)}"


def _some(what: str, lines: list[Noted], width: int) -> Iterator[str]:
    if lines:
        yield f"{exact(len(lines)):>9}  {_plural(len(lines), 'line')} {what}"
    for each in lines[:NAMED]:
        reason = f" ({each.reason})" if each.reason else ""
        yield f"{'':11}{_cited(each.place, width - 13 - len(reason))}{reason}"


def _largest(found: Explanation, zone: str, limit: int, width: int) -> Iterator[str]:
    clock = zone_of(zone)
    dated = found.scope.kind != "day"
    order = sorted(found.records, key=lambda one: (-(one.cost or 0), -one.event.tokens.total, one.event.at))
    for record in order[:limit]:
        at = moment(record.event.at).astimezone(clock)
        cost = "-" if record.cost is None else f"${record.cost / 1_000_000:,.4f}"
        model = COMMON.sub("", shown(record.model))[:24]
        when = f"{at:%Y-%m-%d %H:%M:%S}" if dated else f"{at:%H:%M:%S}"
        said = f"{cost:>9}  {short(record.event.tokens.total):>5} tokens  {when}  {model}"
        if width >= WIDE:
            yield f"{said:{COLUMN}}{_cited(record.place, width - COLUMN - 2)}"
        else:
            yield from (said, f"{'':11}{_cited(record.place, width - 13)}")
    if len(order) > limit > 0:
        yield f"{'':9}  and {many(len(order) - limit, 'smaller one')}; --json has all"


def _verdict(found: Explanation) -> Line:
    usage, reported = found.usage, found.scope.reported
    if found.adds_up:
        return "green", f"Adds up to the report: {many(usage.tokens.total, 'token')}, {money(usage)}."
    if usage != reported:
        said = f"{many(reported.tokens.total, 'token')}, {money(reported)}, {many(reported.requests, 'request')}"
        return "bold red", f"Does not add up: the report says {said}."
    odd = sum(not record.is_explained for record in found.records)
    why = f"{many(odd, 'cost')} made with other prices" if odd else "the lines are not the records"
    return "bold red", f"Not fully explained: {why}. The number is that of the report."


def notes(found: Explanation) -> Iterator[str]:
    """What a reader has to know about single requests."""
    for mark, said in (
        (TTL_ASSUMED, "whose cache lifetime is assumed from the version"),
        (TIME_ASSUMED, "whose time is that of the line before"),
        (UNDERSTATED, "of old clients, with too few output tokens"),
    ):
        if count := found.marked(mark):
            yield f"{exact(count):>9}  {_plural(count, 'request')} {said}"


def _hung(text: str, width: int) -> str:
    """A line that is too long goes on below its own beginning."""
    if len(text) <= width:
        return text
    return fill(text, width, subsequent_indent=" " * _BEGINNING.match(text).end())  # type: ignore[union-attr]


def _filled(parts: Iterable[str], between: str, width: int) -> Iterator[str]:
    """As many parts on a line as there is room for."""
    line = ""
    for part in parts:
        if line and len(line) + len(between) + len(part) > width:
            yield line
            line = ""
        line = f"{line}{between}{part}" if line else part
    if line:
        yield line


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _cited(place: Place, room: int) -> str:
    """File and line; of a long path the end."""
    line = f":{place.line}"
    return _path(place.file, room - len(line)) + line


def _path(path: str, room: int) -> str:
    text = shown("/".join(path.replace("\\", "/").split("/")[-2:]))
    return text if len(text) <= room else f"…{text[len(text) - max(room, 8) + 1 :]}"
