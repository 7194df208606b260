"""A usage report as the one JSON document that scripts rely on (``moonlock.usage/1``).

It is written from plain rows, and by hand: to load the encoder of the standard library takes 7 ms, that of msgspec 25,
and a warm ``usage --json`` has 60 in all (decision 0007).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from moonlock.model.report import Report, ReportRow
    from moonlock.model.tokens import Usage

SCHEMA = "moonlock.usage/1"

Head = tuple[str, str, str | None, str | None]
"""The report's name, its zone, first and last day that were asked for."""
Sums = Sequence[int]
"""Input, output, cache writes of 5 minutes and of an hour, cache reads, requests, micro-dollars, requests and tokens
without a price; what follows is not told."""
Row = tuple[str, tuple[str, ...], Sums, int, Sequence[tuple[str, Sums]]]
"""Key, agents, sums, number of sessions, and the share of each model: a ``ReportRow`` in its order."""

_STEP = "  "
_NUMBER = (
    *("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "totalTokens", "costUsd"),
    *("requests", "unpricedTokens"),
)
_NUMBERS = [(",\n" + _STEP * depth).join(f'"{name}": %s' for name in _NUMBER) for depth in range(6)]
"""Those fields of an object, by its depth."""
_COUNTS = ("files", "records", "duplicates", "skipped", "repaired", "pendingTail")


def render(report: Report) -> str:
    """The document, indented by two, without a newline at the end."""
    head = report.name, report.timezone, report.since, report.until
    reading = report.reading
    found = tuple(getattr(reading, name) for name in reading.__struct_fields__)
    return written(head, [_plain(row) for row in report.rows], _plain(report.totals), found)


def written(head: Head, rows: Iterable[Row], totals: Row, reading: tuple[Any, ...]) -> str:
    """The same from plain rows; ``reading`` has the fields of a ``Reading`` in its order."""
    name, zone, since, until = head
    whole = _numbers(totals[2], 2), f'"sessions": {totals[3]}'
    fields = (
        f'"schema": {_text(SCHEMA)}',
        f'"report": {_text(name)}',
        f'"timezone": {_text(zone)}',
        f'"since": {_text(since)}',
        f'"until": {_text(until)}',
        f'"rows": {_list([_row(row) for row in rows], 1)}',
        f'"totals": {_object(whole, 1)}',
        f'"reading": {_object(_reading(reading), 1)}',
    )
    return _object(fields, 0)


def money(sums: Sums) -> str:
    """Dollars of the priced requests; null when there are requests and none of them has a price."""
    requests, cost, unpriced = sums[5:8]
    if requests and unpriced == requests:
        return "null"
    if 0 < cost < 10:
        return f"{cost}e-6"  # as JSON encoders write what is that small
    return f"{cost // 1_000_000}.{f'{cost % 1_000_000:06d}'.rstrip('0') or '0'}"


def _row(row: Row) -> str:
    key, agents, sums, sessions, shares = row
    named = [(_text(model), own) for model, own in shares]
    breakdown = [_object((f'"model": {name}', _numbers(own, 5)), 4) for name, own in named]
    fields = (
        f'"key": {_text(key)}',
        f'"agents": {_list([_text(agent) for agent in agents], 3)}',
        _numbers(sums, 3),
        f'"sessions": {sessions}',
        f'"models": {_list([name for name, _ in named], 3)}',
        f'"breakdown": {_list(breakdown, 3)}',
    )
    return _object(fields, 2)


def _numbers(sums: Sums, depth: int) -> str:
    """Tokens, money and requests of anything: the fields of an object at this depth."""
    given, output, brief, long, read, requests, _, _, unpriced = sums[:9]
    total = given + output + brief + long + read
    return _NUMBERS[depth] % (given, output, brief + long, read, total, money(sums), requests, unpriced)


def _reading(reading: tuple[Any, ...]) -> list[str]:
    *counts, lines, tokens, understated, models = reading
    not_billed = f'"lines": {lines}', f'"tokens": {tokens}'
    return [
        *(f'"{name}": {count}' for name, count in zip(_COUNTS, counts, strict=True)),
        f'"notBilled": {_object(not_billed, 2)}',
        f'"understatedOutput": {understated}',
        f'"unpricedModels": {_list([_text(model) for model in models], 2)}',
    ]


def _object(fields: Iterable[str], depth: int) -> str:
    between = "\n" + _STEP * (depth + 1)
    return f"{{{between}{f',{between}'.join(fields)}\n{_STEP * depth}}}"


def _list(items: list[str], depth: int) -> str:
    if not items:
        return "[]"
    between = "\n" + _STEP * (depth + 1)
    return f"[{between}{f',{between}'.join(items)}\n{_STEP * depth}]"


def _text(said: str | None) -> str:
    """A string; one with signs that must be escaped, which nobody's has so far, is left to the standard library."""
    if said is None:
        return "null"
    if said.isprintable() and '"' not in said and "\\" not in said:
        return f'"{said}"'
    import json

    return json.dumps(said, ensure_ascii=False)


def _plain(row: ReportRow) -> Row:
    return row.key, row.agents, _sums(row.usage), row.sessions, [(each.model, _sums(each.usage)) for each in row.models]


def _sums(usage: Usage) -> Sums:
    tokens = usage.tokens
    kinds = tokens.input, tokens.output, tokens.cache_write_5m, tokens.cache_write_1h, tokens.cache_read
    return *kinds, usage.requests, usage.cost, usage.unpriced_requests, usage.unpriced_tokens
