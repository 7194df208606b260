"""What is made of OpenTelemetry: both encodings say the same, and of persons and prompts nothing is kept."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from zlib import crc32

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from otlp_bodies import (
    NOW,
    PERSON,
    SESSION,
    Body,
    attributes,
    encoded,
    event,
    logs,
    metric,
    metrics,
    packed,
    point,
    request,
)

from moonlock.model.telemetry import Noted, Telemetry
from moonlock.model.tokens import Tokens
from moonlock.sources import ALL
from moonlock.sources.base import Exporter
from moonlock.sources.claude_code.identity import request_key
from moonlock.sources.claude_code.otlp import telemetry
from moonlock.sources.otlp import LargeOtlp, NoProtobuf, Signal, UnfitOtlp, from_json, from_protobuf, inflated

WORDS = "write me a poem about the moon"


def signal_of(body: Body) -> Signal:
    return "logs" if "resourceLogs" in body else "metrics"


def read(body: Body, now: int = NOW) -> Telemetry:
    """What is kept of it, which does not depend on how it is encoded."""
    found = telemetry(from_json(signal_of(body), encoded(body)), now)
    assert telemetry(from_protobuf(signal_of(body), packed(body)), now) == found
    return found


def test_a_request_has_the_low_bits_of_its_key_in_the_log_and_its_tokens() -> None:
    (one,) = read(logs(request())).requests
    assert one.low == request_key(("msg_anything", "req_1")) & 0xFFFF
    assert one.tokens == Tokens(100, 20, 400, 0, 3000)
    assert (one.session, one.at, one.source, one.cost) == (SESSION, NOW, "compact", 1200)


def test_a_request_that_is_told_again_is_known_by_its_id() -> None:
    first, again, other = read(logs(request(), request(at=NOW + 5), request("req_2"))).requests
    assert first.key == again.key != other.key
    nameless = [request(request_id=None, client_request_id=name, at=NOW + 1) for name in ("a", "a", "b", None, None)]
    keys = [one.key for one in read(logs(*nameless)).requests]
    assert keys[0] == keys[1] and keys[3] == keys[4] and len(set(keys)) == 3


def test_whole_micro_dollars_go_before_the_estimate_in_dollars() -> None:
    exact, none = read(logs(request(cost_usd_micros=7), request("b", cost_usd=None))).requests
    assert (exact.cost, none.cost) == (7, None)


def test_a_compaction_and_a_failure_are_noted_and_a_failed_compaction_is_not() -> None:
    made: Body = {
        "trigger": "auto",
        "success": "true",
        "pre_tokens": 160_000,
        "post_tokens": 9_000,
        "duration_ms": 31_000,
    }
    body = logs(event("compaction", **made), event("api_error", error=WORDS), event("compaction", success="false"))
    found = read(body)
    compaction, failure = found.noted
    assert compaction == Noted(compaction.key, SESSION, NOW, "compaction", "auto", 160_000, 9_000, 31_000)
    assert failure == Noted(failure.key, SESSION, NOW, "error")
    assert found.others == 1


def test_no_person_and_no_word_of_a_prompt_is_kept() -> None:
    body = logs(
        request(prompt=WORDS, skill__name=WORDS),
        event("user_prompt", prompt=WORDS, prompt_length=5),
        event("api_request_body", body=WORDS),
        event("tool_result", tool_name="Bash", tool_parameters=WORDS),
    )
    found = read(body)
    assert (len(found.requests), found.others) == (1, 3)
    said = msgspec.json.encode([found, read(metrics(metric("commit.count", point(1))))]).decode()
    assert WORDS not in said and not [secret for secret in PERSON.values() if secret in said]


def test_counters_of_both_temporalities_are_read_and_the_rest_is_counted() -> None:
    body = metrics(
        metric("lines_of_code.count", point(12, type="added"), point(3, type="removed"), point(9, type="moved")),
        metric("active_time.total", point(1.5, type="user"), point(20.25, type="cli"), temporality=2),
        metric("commit.count", point(1)),
        metric("pull_request.count", point(2)),
        metric("token.usage", point(900, type="input")),
        {"name": "claude_code.odd", "gauge": {"dataPoints": []}},
        {**metric("x", point(1)), "name": "process.cpu.time"},
    )
    found = read(body)
    values = {one.counter: (one.value, one.end > 0) for one in found.counted}
    assert values == {
        "lines_added": (12, True),
        "lines_removed": (3, True),
        "active_user": (1500, False),
        "active_cli": (20250, False),
        "commits": (1, True),
        "pull_requests": (2, True),
    }
    assert found.others == 4


def test_a_series_does_not_depend_on_who_the_person_is() -> None:
    one, other = point(1), point(1)
    other["attributes"] = [each for each in other["attributes"] if not each["key"].startswith("user.")]
    first, second = read(metrics(metric("commit.count", one, other))).counted
    assert first.series == second.series


@pytest.mark.parametrize(
    "strange",
    [
        {"temporality": 0},
        {"session": None},
        {"value": -1},
        {"value": float("nan")},
        {"end": 0},
    ],
)
def test_a_measurement_that_cannot_be_is_left_out(strange: dict[str, float | None]) -> None:
    more: Body = {"session.id": None} if "session" in strange else {}
    one = point(float(strange.get("value", 1) or 0), end=int(strange.get("end", NOW) or 0), **more)
    body = metrics(metric("commit.count", one, temporality=int(strange.get("temporality", 1) or 0)))
    told = from_protobuf("metrics", packed(body))
    assert telemetry(told, NOW) == Telemetry(others=1)


def test_events_of_other_programs_and_of_no_session_are_only_counted() -> None:
    other = event("api_request")
    other["body"] = {"stringValue": "api_request"}
    assert read(logs(other, scope="elsewhere", service="elsewhere")) == Telemetry(others=1)
    assert read(logs(request(session__id=None), request(session__id="a\nb"))) == Telemetry(others=2)


def test_one_word_of_ours_is_enough_to_be_known() -> None:
    for part in ({"scope": "x"}, {"service": "my-gateway"}, {"scope": "x", "service": "my-gateway"}):
        assert len(read(logs(request(), **part)).requests) == 1
    named = request()
    del named["body"]
    named["eventName"] = "claude_code.api_request"
    named["attributes"] = [one for one in named["attributes"] if one["key"] != "event.name"]
    assert len(read(logs(named, scope="x", service="x")).requests) == 1


def test_a_time_that_cannot_be_is_the_time_of_arrival() -> None:
    for nano in ("0", "99999999999999999999999", str((NOW + 3 * 86_400_000) * 1_000_000)):
        strange = request()
        strange["timeUnixNano"] = nano
        (one,) = telemetry(from_json("logs", encoded(logs(strange))), NOW).requests
        assert one.at == NOW
    observed = request()
    observed["observedTimeUnixNano"] = observed.pop("timeUnixNano")
    assert read(logs(observed), NOW + 9).requests[0].at == NOW


def test_numbers_of_any_kind_are_read_and_what_is_none_is_nothing() -> None:
    kinds: Body = {"input_tokens": 7, "output_tokens": 8.0, "cache_read_tokens": "x", "cache_creation_tokens": True}
    (one,) = read(logs(request(**kinds, query_source="a\x1b[0m"))).requests
    assert (one.tokens, one.source) == (Tokens(7, 8, 0, 0, 0), "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"resourceLogs":5}',
        b'{"resourceLogs":[5]}',
        b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":5}]}]}]}]}',
    ],
)
def test_what_is_no_such_message_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(UnfitOtlp):
        from_json("logs", body)


@pytest.mark.parametrize("body", [b"\xff", b"{}", packed(logs(request()))[:-9]])
def test_a_torn_message_in_protobuf_is_refused(body: bytes) -> None:
    for signal in ("logs", "metrics"):
        with pytest.raises(UnfitOtlp):
            from_protobuf("logs" if signal == "logs" else "metrics", body)


def test_empty_messages_say_nothing_and_unknown_keys_are_passed_over() -> None:
    assert telemetry(from_json("logs", b'{"resourceSpans":[],"resourceLogs":[{"x":{"y":[]}}]}'), NOW) == Telemetry()
    assert telemetry(from_json("metrics", b'{"resourceMetrics":[{"scopeMetrics":null}]}'), NOW) == Telemetry()
    assert telemetry(from_protobuf("metrics", b""), NOW) == Telemetry()


def test_half_a_character_spoils_its_own_value_alone() -> None:
    body = encoded(logs(request(effort="\ud83d"), request("b", query_source="\ud83d")))
    assert b"\\ud83d" in body
    whole, cut = telemetry(from_json("logs", body), NOW).requests
    assert (whole.source, cut.source) == ("compact", "")


def test_what_was_packed_is_unpacked_up_to_a_size() -> None:
    body = encoded(logs(request()))
    assert inflated(gzip.compress(body), len(body)) == body
    with pytest.raises(LargeOtlp):
        inflated(gzip.compress(body), len(body) - 1)
    with pytest.raises(LargeOtlp):
        inflated(gzip.compress(b"0" * 20_000_000), 4_000_000)
    for torn in (b"", body, gzip.compress(body)[:-9], gzip.compress(body) + b"x"):
        with pytest.raises(UnfitOtlp):
            inflated(torn, len(body))


def test_json_loads_no_protobuf() -> None:
    program = (
        "import sys; from moonlock.sources.otlp import from_json;"
        "from moonlock.sources.claude_code.otlp import telemetry;"
        "telemetry(from_json('logs', b'{}'), 0); assert not {m for m in sys.modules if 'protobuf' in m}"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_without_the_extra_protobuf_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.protobuf.json_format", None)
    with pytest.raises(NoProtobuf):
        from_protobuf("logs", b"")


def test_an_agent_that_exports_is_known_as_such() -> None:
    assert [source.name for source in ALL if isinstance(source, Exporter)] == ["claude-code"]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "stringValue": st.text(max_size=8) | ANY,
        "intValue": st.integers() | st.text(max_size=5) | ANY,
        "doubleValue": st.floats() | ANY,
        "arrayValue": ANY,
    },
)
SAID = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(
                ["session.id", "event.name", "request_id", "input_tokens", "cost_usd", "success", "pre_tokens"]
            ),
            "value": VALUES,
        }
    ),
    max_size=6,
)


@given(
    SAID,
    st.sampled_from(["api_request", "api_error", "compaction", "?"]),
    st.one_of(st.integers(), st.text(max_size=25), ANY),
)
def test_nothing_that_is_exported_breaks_the_reader(said: list[Body], name: str, at: object) -> None:
    record = {"timeUnixNano": at, "attributes": attributes({"session.id": "s", "event.name": name}) + said}
    try:
        found = telemetry(from_json("logs", json.dumps(logs(record)).encode()), NOW)
    except UnfitOtlp:
        return
    assert len(found.requests) + len(found.noted) + found.others == 1
    for one in found.requests:
        assert min(one.tokens.input, one.tokens.output, one.tokens.cache_creation, one.tokens.cache_read) >= 0
        assert -(1 << 63) <= one.key < 1 << 63 and 0 <= one.low < 1 << 16 and one.at <= NOW + 86_400_000


def test_the_low_bits_are_those_of_the_request_alone() -> None:
    assert crc32(b"req_1") & 0xFFFF == read(logs(request())).requests[0].low
