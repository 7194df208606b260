"""A usage report as the one JSON document that scripts rely on (``moonlock.usage/1``).

It is written from plain rows, and by hand: to load the encoder of the standard library takes 7 ms, that of msgspec 25,
and a warm ``usage --json`` has 60 in all (decision 0007).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from moonlock.model.rows import REQUESTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from moonlock.model.rows import Fields, Row, Sums

SCHEMA = "moonlock.usage/1"

Head = tuple[str, str, str | None, str | None]
"""The report's name, its zone, first and last day that were asked for."""

_STEP, _HUGE = "  ", float("inf")
_NUMBER = (
    *("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "totalTokens", "costUsd"),
    *("requests", "unpricedTokens"),
)
_COUNTS = ("files", "records", "duplicates", "skipped", "repaired", "pendingTail")
_EXACT = 10**15
"""As many digits as a float keeps."""


def _numbers(depth: int) -> str:
    """Tokens, money and requests as fields at this depth, with a place for each."""
    return f",\n{_STEP * depth}".join(f'"{name}": %s' for name in _NUMBER)


_ROW = f"""{{
      "key": %s,
      "agents": %s,
      {_numbers(3)},
      "sessions": %s,
      "models": %s,
      %s"breakdown": %s
    }}"""
_SHARE = f"""{{
          "model": %s,
          {_numbers(5)}
        }}"""
_TOTALS = f"""{{
    {_numbers(2)},
    "sessions": %s
  }}"""
_DOCUMENT = f'''{{
  "schema": "{SCHEMA}",
  "report": %b,
  "timezone": %b,
  "since": %b,
  "until": %b,
  "rows": %b,
  %b
}}'''.encode()
"""Objects with a place for each value: to put a thousand rows together field by field takes 20 ms."""


class _Quoted(dict[str, str]):
    """Strings as the document has them, each made once: most of them come again in every row."""

    def __missing__(self, said: str) -> str:
        self[said] = found = _text(said)
        return found


def written(head: Head, rows: Iterable[Row], totals: Row, reading: tuple[Any, ...], extra: Fields = ()) -> bytes:
    """The document in UTF-8, indented by two, without a newline at the end.

    ``reading`` has the fields of a ``Reading`` in its order.
    """
    # One title with an emoji makes every text that holds it four times as big: rows are put together as bytes.
    listed = b",\n    ".join([row.encode() for row in _rows(rows)])
    after = (
        f'"totals": {_TOTALS % (*_figures(totals[2]), totals[3])}',
        *_facts(extra, 1),
        f'"reading": {_object(_reading(reading), 1)}',
    )
    return _DOCUMENT % (
        *(_text(said).encode() for said in head),
        b"[\n    %b\n  ]" % listed if listed else b"[]",
        ",\n  ".join(after).encode(),
    )


def money(sums: Sums) -> str:
    """Dollars of what has a price; null when there is something and none of it has one, as ``Usage.is_unpriced``."""
    requests, cost, unpriced, tokens = sums[REQUESTS : REQUESTS + 4]
    if not cost and unpriced == requests and (requests or tokens):
        return "null"
    if 100 <= cost < _EXACT:
        return repr(cost / 1_000_000)
    if 0 < cost < 10:
        return f"{cost}e-6"  # as JSON encoders write what is that small
    return f"{cost // 1_000_000}.{f'{cost % 1_000_000:06d}'.rstrip('0') or '0'}"


def _rows(rows: Iterable[Row]) -> Iterator[str]:
    quoted = _Quoted()
    for key, agents, sums, sessions, shares, extra in rows:
        figures = _figures(sums)
        facts = [
            f"{quoted[name]}: {quoted[value] if isinstance(value, str) else _value(value, 3)},\n      "
            for name, value in extra
        ]
        breakdown = [_SHARE % (quoted[model], *(figures if own is sums else _figures(own))) for model, own in shares]
        names = _list([quoted[agent] for agent in agents], 3), _list([quoted[model] for model, _ in shares], 3)
        yield _ROW % (quoted[key], names[0], *figures, sessions, names[1], "".join(facts), _list(breakdown, 3))


def _figures(sums: Sums) -> tuple[object, ...]:
    """Tokens, money and requests of anything, in the order of their fields."""
    given, output, brief, long, read, requests, _, _, unpriced = sums[:9]
    return given, output, brief + long, read, given + output + brief + long + read, money(sums), requests, unpriced


def _reading(reading: tuple[Any, ...]) -> list[str]:
    *counts, lines, tokens, understated, models, hidden = reading
    not_billed = f'"lines": {lines}', f'"tokens": {tokens}'
    return [
        *(f'"{name}": {count}' for name, count in zip(_COUNTS, counts, strict=True)),
        f'"notBilled": {_object(not_billed, 2)}',
        f'"understatedOutput": {understated}',
        f'"unpricedModels": {_list([_text(model) for model in models], 2)}',
        f'"hiddenSessions": {hidden}',
    ]


def _facts(fields: Fields, depth: int) -> list[str]:
    """Further facts, as fields of an object at this depth."""
    return [f"{_text(name)}: {_value(value, depth)}" for name, value in fields]


def _value(value: object, depth: int) -> str:
    """Any fact: a tuple is an object, a list a list; ``depth`` is that of the object it stands in."""
    if value is None or isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        return _object(_facts(value, depth + 1), depth) if value else "{}"
    if isinstance(value, list):
        return _list([_value(item, depth + 1) for item in value], depth)
    if isinstance(value, float):
        return _float(value)
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _float(value: float) -> str:
    """A number as JSON encoders write it; null for what JSON has no number for."""
    if not -_HUGE < value < _HUGE:
        return "null"
    said = repr(value)
    if said.endswith("e-05"):  # down to there they use no exponent
        digits = said.removesuffix("e-05").replace(".", "")
        return f"-0.0000{digits[1:]}" if value < 0 else f"0.0000{digits}"
    return said.replace("e-0", "e-").replace("e+", "e")


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
