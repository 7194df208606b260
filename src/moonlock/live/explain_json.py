"""A number explained, as the one document ``moonlock.explain/1``: every record, every line that was left out."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from moonlock.analytics.costing import SEARCH, Bill
from moonlock.live.explained import Explanation, Merged, Missing, Noted, Place, Record
from moonlock.model.events import TIME_ASSUMED, TTL_ASSUMED, UNDERSTATED
from moonlock.model.instant import iso
from moonlock.model.tokens import Tokens, Usage

SCHEMA = "moonlock.explain/1"
_EVER = 1 << 60
"""No log speaks of a moment as far away."""
Object = dict[str, object]


def render(found: Explanation, zone: str, table: str) -> str:
    """The document, indented by two; ``table`` says where the prices come from."""
    return encoded(document(found, zone, table)).decode()


def encoded(document: Object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document))


def shortened(document: Object, limit: int) -> Object:
    """The same with so many entries of each list, and how many are left out of which."""
    lists = {name: told for name, told in document.items() if isinstance(told, list)}
    left_out = {name: len(told) - limit for name, told in lists.items() if len(told) > limit}
    return {**document, **{name: told[:limit] for name, told in lists.items()}, "leftOut": left_out}


def document(found: Explanation, zone: str, table: str) -> Object:
    """Everything that is known of the number, by its names in the document."""
    heard = found.heard
    return {
        "schema": SCHEMA,
        "of": _scope(found),
        "timezone": zone,
        "totals": {**usage_of(found.usage), "sessions": found.sessions, "subagentTokens": found.aside.tokens.total},
        "reported": usage_of(found.scope.reported),
        "addsUp": found.adds_up,
        "counts": {
            "records": heard.records,
            "merged": found.dropped,
            "furtherAttempts": found.attempts,
            "requests": len(found.records),
            "gone": found.usage.requests - len(found.records),
        },
        "filesRead": heard.files,
        "linesRead": heard.lines,
        "newerLines": heard.newer,
        "assumed": {"cacheLifetimes": found.marked(TTL_ASSUMED), "times": found.marked(TIME_ASSUMED)},
        "understatedOutput": found.marked(UNDERSTATED),
        "unpriced": [msgspec.to_builtins(each) for each in found.unpriced],
        "records": [_record(each, table) for each in found.records],
        "merged": [_merged(each) for each in found.merged],
        "skipped": _noted(heard.skipped),
        "repaired": _noted(heard.repaired),
        "notBilled": [
            {**_place(each.place), "reason": each.reason, "tokens": each.tokens} for each in heard.not_billed
        ],
        "pending": _noted(heard.pending),
        "unknown": [_place(place) for place in heard.unknown],
        "gone": [_missing(each) for each in found.missing],
    }


def _scope(found: Explanation) -> Object:
    scope = found.scope
    start, end = (iso(at) if abs(at) < _EVER else None for at in (scope.start, scope.end))
    return {"kind": scope.kind, "key": scope.key, "name": scope.name or None, "startAt": start, "endAt": end}


def usage_of(usage: Usage) -> Object:
    """The sums by the names that reports use."""
    tokens = usage.tokens
    return {
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "cacheCreationTokens": tokens.cache_creation,
        "cacheReadTokens": tokens.cache_read,
        "totalTokens": tokens.total,
        "costUsd": None if usage.requests and usage.unpriced_requests == usage.requests else _dollars(usage.cost),
        "requests": usage.requests,
        "unpricedTokens": usage.unpriced_tokens,
    }


def _record(record: Record, table: str) -> Object:
    event = record.event
    told: Object = {
        **_place(record.place),
        "at": iso(event.at),
        "session": record.session,
        "subagent": event.agent_id or None,
        "model": record.model,
        "tokens": _tokens(event.tokens),
        "costUsd": _dollars(record.cost),
        "price": _price(record, table),
    }
    if record.values_from:
        told["valuesFrom"] = [_place(place) for place in record.values_from]
    return told


def _tokens(tokens: Tokens) -> Object:
    return {
        "input": tokens.input,
        "output": tokens.output,
        "cacheCreation": tokens.cache_creation,
        "cacheCreation5m": tokens.cache_write_5m,
        "cacheCreation1h": tokens.cache_write_1h,
        "cacheRead": tokens.cache_read,
        "total": tokens.total,
    }


def _price(record: Record, table: str) -> Object:
    recorded, bill = record.event.recorded, record.bill
    listed = "computed" if bill is not None else "unpriced"
    told: Object = {
        "basis": listed if recorded is None else "recorded",
        "recordedUsd": _dollars(recorded),
        "computedUsd": _dollars(bill.cost if bill is not None else None),
    }
    if record.is_doubtful:
        told["note"] = "recorded as 0 although the model has a price"
    return told if bill is None else {**told, **_bill(bill, table)}


def _bill(bill: Bill, table: str) -> Object:
    items = []
    for part in bill.parts:
        unit, size = ("usdEach", 10**15) if part.kind == SEARCH else ("usdPerMillion", 10**9)
        items.append({"kind": part.kind, "count": part.count, unit: part.rate / size, "costUsd": _dollars(part.cost)})
    return {
        "table": "settings" if bill.own else table,
        "listedAs": bill.model,
        "from": str(bill.since) if bill.since is not None else None,
        "longContextAbove": bill.above,
        "factors": dict(bill.factors),
        "items": items,
    }


def _merged(merged: Merged) -> Object:
    kept = _place(merged.kept) if merged.kept is not None else None
    return {"kept": kept, "dropped": [_place(place) for place in merged.dropped], "reason": merged.reason}


def _noted(lines: Iterable[Noted]) -> list[Object]:
    return [{**_place(each.place), "reason": each.reason} for each in lines]


def _missing(missing: Missing) -> Object:
    return {
        "file": _whole(missing.file),
        "requests": missing.requests,
        "tokens": missing.tokens,
        "reason": missing.reason,
    }


def _place(place: Place) -> Object:
    return {"file": _whole(place.file), "line": place.line}


def _whole(path: str) -> str:
    """The path without lone surrogates, which no JSON may hold."""
    return path if path.isascii() else path.encode("utf-8", "replace").decode()


def _dollars(micro: int | None) -> float | None:
    return None if micro is None else micro / 1_000_000
