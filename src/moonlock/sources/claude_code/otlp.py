"""What Claude Code exports over OpenTelemetry: requests, counters, failures and compactions, by session.

Of its attributes many are about persons, and some may hold words of prompts: read are the ones that are named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from zlib import crc32

import msgspec

from moonlock.model.instant import DAY, EARLIEST, Instant
from moonlock.model.telemetry import ApiRequest, Counted, Counter, Noted, Telemetry
from moonlock.model.tokens import Tokens
from moonlock.sources.claude_code.identity import name_key
from moonlock.sources.otlp import CUMULATIVE, DELTA, Attribute, Logs, Metric, Metrics, Otlp, Point, Record, Resource

SCOPE, EVENT, SERVICE = "com.anthropic.claude_code", "claude_code.", "claude-code"
"""How what it exports begins: the name of the part, of an event or metric, and of the program."""
PERSONAL = ("user.", "organization.")
MOST, LONGEST_ID, LONGEST_WORD = 10**12, 200, 60
NANO = 1_000_000
"""Nanoseconds of a millisecond."""
_WHOLE = re.compile(r"[0-9]{1,19}")
_LINES: dict[str, Counter] = {"added": "lines_added", "removed": "lines_removed"}
_ACTIVE: dict[str, Counter] = {"user": "active_user", "cli": "active_cli"}
_PLAIN: dict[str, Counter] = {"commit.count": "commits", "pull_request.count": "pull_requests"}
_BY_TYPE = {"lines_of_code.count": _LINES, "active_time.total": _ACTIVE}
Said = dict[str, str | int | float | bool]
"""Attributes by their names."""


class Moment(msgspec.Struct, frozen=True):
    """One event: what it says, of whom, and when."""

    name: str
    said: Said
    session: str
    at: Instant
    nano: int


def telemetry(told: Otlp, now: Instant) -> Telemetry:
    """What of a body is kept. Of other programs, unknown events and those of no session: only how many."""
    return _of_logs(told, now) if isinstance(told, Logs) else _of_metrics(told)


def _of_logs(told: Logs, now: Instant) -> Telemetry:
    requests, noted, others = list[ApiRequest](), list[Noted](), 0
    for moment in _moments(told, now):
        kept = None if moment is None else _kept(moment)
        if isinstance(kept, ApiRequest):
            requests.append(kept)
        elif kept is not None:
            noted.append(kept)
        else:
            others += 1
    return Telemetry(tuple(requests), (), tuple(noted), others)


def _moments(told: Logs, now: Instant) -> Iterator[Moment | None]:
    """Each record, as an event of Claude Code where it is one."""
    for exporter in told.resource_logs:
        around = _attributes(exporter.resource)
        for part in exporter.scope_logs or ():
            ours = _is_ours(around, part.scope.name if part.scope else "")
            for record in part.log_records or ():
                yield _moment(record, around, ours, now)


def _moment(record: Record, around: Said, ours: bool, now: Instant) -> Moment | None:
    said = around | _said(record.attributes)
    body = record.body.plain if record.body else None
    name = record.event_name or (body if isinstance(body, str) and body.startswith(EVENT) else "")
    session = _word(said.get("session.id"), LONGEST_ID)
    if not session or not (ours or name.startswith(EVENT)):
        return None
    name = str(said.get("event.name") or name).removeprefix(EVENT)
    nano = _nano(record.time_unix_nano) or _nano(record.observed_time_unix_nano)
    at = nano // NANO
    return Moment(name, said, session, at if EARLIEST <= at <= now + DAY else now, nano)


def _kept(moment: Moment) -> ApiRequest | Noted | None:
    if moment.name == "api_request":
        return _request(moment)
    if moment.name == "api_error":
        return Noted(_key_of(moment), moment.session, moment.at, "error")
    if moment.name == "compaction":
        return _compaction(moment)
    return None


def _request(moment: Moment) -> ApiRequest:
    said = moment.said
    request = _word(said.get("request_id"), LONGEST_ID)
    known = request or _word(said.get("client_request_id"), LONGEST_ID)
    kinds = ("input_tokens", "output_tokens", "cache_creation_tokens", "cache_read_tokens")
    given, output, written, read = (_count(said.get(kind)) or 0 for kind in kinds)
    return ApiRequest(
        key=name_key("request", known) if known else _key_of(moment),
        low=crc32(request.encode("utf-8", "replace")) & 0xFFFF,
        session=moment.session,
        at=moment.at,
        source=_word(said.get("query_source"), LONGEST_WORD),
        tokens=Tokens(given, output, written, 0, read),
        cost=_micro(said),
    )


def _compaction(moment: Moment) -> Noted | None:
    """One that was made: a failed one left the context as it was."""
    said = moment.said
    if str(said.get("success")).lower() == "false":
        return None
    return Noted(
        _key_of(moment),
        moment.session,
        moment.at,
        "compaction",
        _word(said.get("trigger"), LONGEST_WORD),
        _count(said.get("pre_tokens")),
        _count(said.get("post_tokens")),
        _count(said.get("duration_ms")),
    )


def _key_of(moment: Moment) -> int:
    """Events of a session are numbered; without a number, its time and all its numbers tell it from others."""
    number = moment.said.get("event.sequence")
    told = str(number) if number is not None else repr(sorted(moment.said.items()))
    return name_key(moment.name, moment.session, str(moment.nano), told)


def _micro(said: Said) -> int | None:
    exact = _count(said.get("cost_usd_micros"))
    if exact is not None:
        return exact
    dollars = _number(said.get("cost_usd"))
    return None if dollars is None else round(dollars * 1_000_000)


def _of_metrics(told: Metrics) -> Telemetry:
    counted, others = list[Counted](), 0
    for exporter in told.resource_metrics:
        around = _attributes(exporter.resource)
        for part in exporter.scope_metrics or ():
            for metric in part.metrics or ():
                points = (metric.sum.data_points if metric.sum else None) or ()
                found = [_counted(metric, point, around) for point in points]
                counted += [one for one in found if one is not None]
                others += found.count(None) or (0 if found else 1)
    return Telemetry((), tuple(counted), (), others)


def _counted(metric: Metric, point: Point, around: Said) -> Counted | None:
    said = around | _said(point.attributes)
    counter, session = _counter(metric.name, said), _word(said.get("session.id"), LONGEST_ID)
    value = _number(point.as_double if point.as_double is not None else point.as_int)
    if counter is None or not session or value is None:
        return None
    temporality = metric.sum.aggregation_temporality if metric.sum else 0
    if temporality not in (DELTA, CUMULATIVE):
        return None
    end = 0 if temporality == CUMULATIVE else _nano(point.time_unix_nano)
    if temporality == DELTA and not end:
        return None
    series = name_key(metric.name, repr(sorted(one for one in said.items() if not one[0].startswith(PERSONAL))))
    scale = 1_000 if counter in ("active_user", "active_cli") else 1
    return Counted(session, counter, series, _nano(point.start_time_unix_nano), end, value * scale)


def _counter(name: str, said: Said) -> Counter | None:
    if not name.startswith(EVENT):
        return None
    name = name.removeprefix(EVENT)
    return _PLAIN.get(name) or _BY_TYPE.get(name, {}).get(str(said.get("type")))


def _is_ours(around: Said, scope: str) -> bool:
    return scope.startswith(SCOPE) or str(around.get("service.name", "")).startswith(SERVICE)


def _attributes(resource: Resource | None) -> Said:
    return _said(resource.attributes if resource else None)


def _said(attributes: list[Attribute] | None) -> Said:
    found = ((one.key, one.value.plain if one.value else None) for one in attributes or ())
    return {key: value for key, value in found if value is not None}


def _word(said: object, longest: int) -> str:
    """A short text without control characters; of anything else nothing."""
    fits = isinstance(said, str) and len(said) <= longest and said.isprintable()
    return said.strip() if isinstance(said, str) and fits else ""


def _number(said: object) -> float | None:
    """A number that can be one of ours; text is read too, for so the client writes many of them."""
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        return None
    try:
        found = float(said)
    except (ValueError, OverflowError):
        return None
    return found if 0 <= found <= MOST else None


def _count(said: object) -> int | None:
    found = _number(said)
    return None if found is None else int(found)


def _nano(said: object) -> int:
    """Nanoseconds since 1970; 0 for what is no time."""
    if isinstance(said, str) and not _WHOLE.fullmatch(said):
        return 0
    found = int(said) if isinstance(said, int | str) else 0
    return found if 0 <= found < 1 << 63 else 0
