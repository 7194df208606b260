"""What one response costs in tokens (rules D2, T3, C2, C8, S4, S5, F3, F4)."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from claude_lines import (
    HOUR,
    MINUTE,
    OPUS,
    SECOND,
    TEN,
    batch,
    counts,
    encoded,
    only,
    requests,
    said,
    synthetic,
    transcript,
    usage,
)

from moonlock.model.events import BATCH_TIER, FAST, GEO_US, TIME_ASSUMED, TTL_ASSUMED, UNDERSTATED, UsageEvent
from moonlock.model.tokens import Tokens


def event(home: Path, *lines: Any) -> UsageEvent:
    (found,) = requests(batch(transcript(home, *lines))).values()
    return found


def test_the_fullest_line_of_a_growing_response_counts(tmp_path: Path) -> None:
    lines = [said(used=usage(output=n), at=TEN + n) for n in (1, 300, 500)]
    assert event(tmp_path, *lines).tokens.output == 500
    assert event(tmp_path, *reversed(lines)).tokens.output == 500


def test_a_later_smaller_line_takes_nothing_away(tmp_path: Path) -> None:
    found = event(tmp_path, said(used=usage(output=500)), said(used=usage(output=1), model="claude-other"))
    assert (found.tokens.output, found.model) == (500, OPUS)


def test_each_count_is_the_largest_of_its_kind(tmp_path: Path) -> None:
    found = event(
        tmp_path, said(used=usage(10, 500, 0, 70)), said(used=usage(20, 5, 30, 7)), said(used=usage(1, 2, 3, 4))
    )
    assert found.tokens == Tokens(20, 500, 0, 30, 70)


def test_on_equal_sums_the_later_line_describes_the_response(tmp_path: Path) -> None:
    assert event(tmp_path, said(model="claude-first"), said(model="claude-second")).model == "claude-second"
    assert event(tmp_path, said(), said(version="2.1.90")).marks == UNDERSTATED


def test_the_instant_is_that_of_the_first_line(tmp_path: Path) -> None:
    found = event(
        tmp_path, said(at=TEN + MINUTE), said(at=TEN), said(used=usage(output=60), at=TEN + SECOND), said(at=TEN + HOUR)
    )
    assert (found.at, found.last_at) == (TEN, TEN + HOUR)


def test_lines_that_repeat_a_merged_response_change_nothing_but_its_times(tmp_path: Path) -> None:
    lines = [said(used=usage(1, 9)), said(used=usage(9, 1)), said(used=usage(9, 1), at=TEN + 5)]
    found = event(tmp_path, *lines)
    assert (found.tokens.input, found.tokens.output, found.last_at) == (9, 9, TEN + 5)


@pytest.mark.parametrize(
    ("flat", "split", "version", "writes"),
    [
        (100, {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 0}, "2.1.219", (100, 0, False)),
        (100, {"ephemeral_5m_input_tokens": 40, "ephemeral_1h_input_tokens": 50}, "2.1.219", (50, 50, False)),
        (0, {"ephemeral_5m_input_tokens": 40, "ephemeral_1h_input_tokens": 50}, "2.1.150", (40, 50, False)),
        (100, {"ephemeral_1h_input_tokens": 100}, "2.1.219", (0, 100, False)),
        (100, {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}, "2.1.219", (100, 0, False)),
        (100, None, "2.1.16", (100, 0, True)),
        (100, None, "2.1.17", (0, 100, True)),
        (100, {}, "2.1.219", (0, 100, True)),
        (100, None, None, (100, 0, True)),
        (100, None, "dev", (100, 0, True)),
        (0, None, "2.1.219", (0, 0, False)),
    ],
)
def test_cache_writes_are_split_by_their_lifetime(
    tmp_path: Path, flat: int, split: Any, version: str | None, writes: tuple[int, int, bool]
) -> None:
    """5-minute writes, 1-hour writes, and whether that is assumed."""
    found = event(tmp_path, said(used=usage(write=flat, cache_creation=split), version=version))
    assert (found.tokens.cache_write_5m, found.tokens.cache_write_1h, bool(found.marks & TTL_ASSUMED)) == writes


@pytest.mark.parametrize(
    ("version", "understated"),
    [("2.1.7", False), ("2.1.8", True), ("2.1.29", True), ("2.1.96", True), ("2.1.97", False), ("2.0.64", False)],
)
def test_versions_that_wrote_a_placeholder_are_marked(tmp_path: Path, version: str, understated: bool) -> None:
    assert bool(event(tmp_path, said(version=version)).marks & UNDERSTATED) is understated


def test_what_a_price_depends_on_is_marked(tmp_path: Path) -> None:
    found = event(tmp_path, said(used=usage(speed="fast", inference_geo="us", service_tier="batch")))
    assert found.marks == FAST | GEO_US | BATCH_TIER
    assert event(tmp_path, said(used=usage(speed="standard", inference_geo="", service_tier=None))).marks == 0


def test_searches_and_the_recorded_cost_are_kept(tmp_path: Path) -> None:
    found = event(tmp_path, said(used=usage(server_tool_use={"web_search_requests": 3}), costUSD=0.0123456))
    assert (found.searches, found.recorded) == (3, 12346)
    assert event(tmp_path, said(costUSD=0)).recorded == 0
    assert event(tmp_path, said(costUSD=None)).recorded is None


def iteration(model: str | None, output: int, **more: Any) -> dict[str, Any]:
    return {"type": "message", "model": model, **usage(2, output, **more)}


def test_each_iteration_is_a_request_of_its_own_model(tmp_path: Path) -> None:
    both = [iteration("claude-fable-5", 2, write=22_000), iteration(None, 136, read=54_000)]
    lines = [said(used=usage(2, 136, read=54_000, iterations=both, speed="fast")) for _ in range(2)]
    read = batch(transcript(tmp_path, *lines))
    first, last = sorted(requests(read).values(), key=lambda event: event.tokens.output)
    assert (first.model, first.tokens) == ("claude-fable-5", Tokens(2, 2, 0, 22_000, 0))
    assert (last.model, last.tokens) == (OPUS, Tokens(2, 136, 0, 0, 54_000))
    assert first.key >> 16 == last.key >> 16 and first.marks == last.marks == FAST
    assert (read.counts.records, read.counts.iterations) == (2, 1)
    assert last.key in requests(batch(transcript(tmp_path, said())))


def test_searches_are_billed_although_the_last_iteration_has_no_tokens(tmp_path: Path) -> None:
    first, last = {"input_tokens": 2, "output_tokens": 5}, {"input_tokens": 0, "output_tokens": 0}
    searched = usage(0, 0, iterations=[first, last], server_tool_use={"web_search_requests": 3})
    found = requests(batch(transcript(tmp_path, said(used=searched))))
    assert sorted((each.tokens.total, each.searches) for each in found.values()) == [(0, 3), (7, 0)]


def test_one_iteration_repeats_the_top_level(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, said(used=usage(iterations=[iteration("claude-fable-5", 1)]))))
    assert [event.model for event in requests(read).values()] == [OPUS]
    assert read.counts.iterations == 0


def test_empty_iterations_bill_nothing(tmp_path: Path) -> None:
    nothing = usage(0, 0)
    read = batch(transcript(tmp_path, said(used=usage(iterations=[nothing, iteration(None, 7)], server_tool_use=None))))
    (found,) = requests(read).values()
    assert found.tokens.output == 7 and read.counts.iterations == 0
    assert batch(transcript(tmp_path, said(used=usage(9, 9, iterations=[nothing, nothing])))).counts.records == 0


def test_a_recorded_cost_is_that_of_all_iterations_together(tmp_path: Path) -> None:
    both = [iteration("claude-fable-5", 2), iteration(None, 136)]
    read = requests(batch(transcript(tmp_path, said(used=usage(iterations=both), costUSD=1))))
    assert sorted(event.recorded or 0 for event in read.values()) == [0, 1_000_000]


def test_what_the_client_wrote_itself_is_no_request(tmp_path: Path) -> None:
    filler = synthetic("No response requested.")
    claims = said("x", "y", usage(33, 44), model="<synthetic>")
    read = batch(transcript(tmp_path, said(), filler, claims))
    assert len(requests(read)) == 1
    assert (read.counts.records, read.counts.not_billed_lines, read.counts.not_billed_tokens) == (1, 2, 77)


def test_zeros_are_no_request_and_cache_alone_is_one(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, said("msg_1", used=usage(0, 0)), said("msg_2", used=usage(0, 0, read=400_000))))
    assert [event.tokens.total for event in requests(read).values()] == [400_000]
    assert read.counts.records == 1
    split = {"ephemeral_5m_input_tokens": 7}
    assert event(tmp_path, said(used=usage(0, 0, cache_creation=split))).tokens.total == 7


def test_a_search_alone_is_a_request_too(tmp_path: Path) -> None:
    searched = usage(0, 0, server_tool_use={"web_search_requests": 2})
    assert event(tmp_path, said(used=searched)).searches == 2


def test_blanks_nulls_and_odd_types_of_other_fields_drop_nothing(tmp_path: Path) -> None:
    spaced = json.dumps(said("msg_1", at=TEN)).encode()
    odd = said(
        "msg_2",
        used=usage(cache_read_input_tokens=None, speed=None, service_tier=["?"], iterations={}, server_tool_use=[]),
        version=2,
        sessionId=None,
        cwd=["?"],
        isSidechain="no",
        toolUseResult=None,
        error=None,
        origin="human",
        parentUuid=7,
    )
    read = batch(transcript(tmp_path, spaced, odd, said("msg_3", content=["?", 7, {"type": "text", "text": 5}])))
    assert len(requests(read)) == 3 and read.damage == ()


@pytest.mark.parametrize("kind", [None, 7, "message"])
@pytest.mark.parametrize("at", [TEN + SECOND, None])
def test_usage_counts_whatever_kind_of_line_it_stands_on(tmp_path: Path, kind: Any, at: int | None) -> None:
    read = batch(transcript(tmp_path, said(), {**said("msg_b", at=at), "type": kind}))
    assert len(requests(read)) == 2


def test_the_model_may_be_missing(tmp_path: Path) -> None:
    assert event(tmp_path, said(model=None)).model == "unknown"


@pytest.mark.parametrize("number", ["2.0", "2e0", "1000000000000", "1e12", "0.0"])
def test_whole_numbers_in_any_spelling_count(tmp_path: Path, number: str) -> None:
    raw = encoded(said(used=usage(input=77))).replace(b'"input_tokens":77', b'"input_tokens":' + number.encode())
    assert event(tmp_path, raw.strip()).tokens.input == int(float(number))


@pytest.mark.parametrize(
    "number",
    [
        *("-1", "1.5", '"1000"', "NaN", "1e999", "-Infinity", "1000000000001", "1e30"),
        str(2**70),
        "9" * 5000,
        "true",
        "{}",
    ],
)
def test_a_bad_count_is_refused_and_reported_and_its_neighbours_count(tmp_path: Path, number: str) -> None:
    raw = encoded(said("msg_bad", used=usage(input=77))).replace(
        b'"input_tokens":77', b'"input_tokens":' + number.encode()
    )
    read = batch(transcript(tmp_path, said("msg_1"), raw.strip(), said("msg_2")))
    assert len(requests(read)) == 2
    assert [(damage.shape, damage.offset) for damage in read.damage] == [("bad-number", len(encoded(said("msg_1"))))]
    assert (read.counts.lines, read.counts.records, read.counts.skipped) == (3, 2, 1)


def test_a_bad_count_in_the_split_an_iteration_or_the_cost_is_refused_too(tmp_path: Path) -> None:
    split = said("msg_1", used=usage(cache_creation={"ephemeral_5m_input_tokens": -1}))
    entry = said("msg_2", used=usage(iterations=[usage(output="x"), usage()]))
    cost = said("msg_3", costUSD=-4)
    read = batch(transcript(tmp_path, split, entry, cost))
    assert [event.recorded for event in requests(read).values()] == [None]
    assert [(damage.shape, damage.recovered) for damage in read.damage] == [("bad-number", n) for n in (0, 0, 1)]
    assert (read.counts.skipped, read.counts.repaired) == (2, 1)


def test_a_file_of_bad_counts_is_still_a_log(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, *(said(f"msg_{n}", used=usage(input=-n)) for n in (1, 2, 3))))
    assert [damage.shape for damage in read.damage] == ["bad-number"] * 3


@pytest.mark.parametrize("cost", [1_000_001, 1e30, 2**70])
def test_a_cost_that_no_response_has_is_as_if_none_was_recorded(tmp_path: Path, cost: float) -> None:
    assert event(tmp_path, said(costUSD=cost)).recorded is None


def test_more_searches_than_a_response_can_make_are_a_bad_count(tmp_path: Path) -> None:
    read = batch(transcript(tmp_path, said(used=usage(server_tool_use={"web_search_requests": 1_000_001}))))
    assert requests(read) == {} and [damage.shape for damage in read.damage] == ["bad-number"]


def test_other_facts_of_a_refused_record_are_kept(tmp_path: Path) -> None:
    tool = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}
    read = batch(transcript(tmp_path, said(used=usage(output="many"), content=[tool])))
    assert [type(event).__name__ for event in read.events] == ["ToolCall"]


@pytest.mark.parametrize(
    "stamp",
    [
        "2025-10-05 10:00:00",
        "2025-10-05T10:00:00",
        "2025-10-05T12:00:00.000+02:00",
        " 2025-10-05T10:00Z ",
        "20251005T100000Z",
    ],
)
def test_times_in_other_forms_are_understood_and_without_a_zone_they_are_utc(tmp_path: Path, stamp: str) -> None:
    found = event(tmp_path, said(at=stamp))
    assert (found.at, found.marks) == (TEN, 0)


@pytest.mark.parametrize(
    "stamp", [None, "", "yesterday", "9999-12-31T23:59:59.999Z", "2025-13-05T10:00:00.000Z", 5, ...]
)
def test_a_record_without_a_believable_time_has_that_of_the_line_before(tmp_path: Path, stamp: Any) -> None:
    read = batch(transcript(tmp_path, said("msg_1"), said("msg_2", used=usage(output=9), at=stamp)))
    (found,) = [event for event in requests(read).values() if event.tokens.output == 9]
    assert (found.at, found.marks) == (TEN, TIME_ASSUMED)
    assert read.session.last_at == TEN


def test_the_line_before_may_have_been_read_earlier(tmp_path: Path) -> None:
    path = transcript(tmp_path, said("msg_1"), {"type": "mode"})
    first = batch(path)
    path.write_bytes(path.read_bytes() + encoded(said("msg_2", at=None)))
    second = batch(path, first.cursor)
    assert [event.at for event in only(UsageEvent, second)] == [TEN]


def test_a_file_without_any_time_has_that_of_its_last_change(tmp_path: Path) -> None:
    path = transcript(tmp_path, said(at=None))
    (found,) = only(UsageEvent, batch(path))
    assert found.at == path.stat().st_mtime_ns // 1_000_000


@pytest.mark.parametrize("form", ["{:%Y-%m-%dT%H:%M:%S}.000Z", "{:%Y-%m-%d %H:%M}"])
def test_a_time_that_had_not_come_when_the_file_was_written_has_that_of_the_line_before(
    tmp_path: Path, form: str
) -> None:
    path = transcript(tmp_path, said("msg_1"))
    ahead = datetime.fromtimestamp(path.stat().st_ctime, UTC) + timedelta(days=2)
    read = batch(transcript(tmp_path, said("msg_1"), *(said(f"msg_{n}", at=form.format(ahead)) for n in (2, 3))))
    assert [(found.at, found.marks) for found in requests(read).values()] == [(TEN, 0), *[(TEN, TIME_ASSUMED)] * 2]
    assert read.session.last_at == TEN


def test_a_file_with_no_time_but_one_to_come_has_that_of_its_last_change(tmp_path: Path) -> None:
    path = transcript(tmp_path, said(at="2099-01-01T10:00:00.000Z"))
    (found,) = only(UsageEvent, batch(path))
    assert (found.at, found.marks) == (path.stat().st_mtime_ns // 1_000_000, TIME_ASSUMED)


def test_clocks_may_disagree_by_a_day(tmp_path: Path) -> None:
    ahead = transcript(tmp_path, said()).stat().st_ctime_ns // 1_000_000 + 23 * HOUR
    assert event(tmp_path, said(at=ahead)).at == ahead


def test_a_restored_file_with_an_old_date_keeps_the_times_of_its_lines(tmp_path: Path) -> None:
    path = transcript(tmp_path, said())
    os.utime(path, (0, 0))
    (found,) = only(UsageEvent, batch(path))
    assert (found.at, found.marks) == (TEN, 0)


def test_thousands_of_hours_are_no_burden(tmp_path: Path) -> None:
    path = transcript(tmp_path, *(said(f"msg_{n}", at=TEN - n * HOUR) for n in range(10_050)))
    read = requests(batch(path))
    assert len(read) == 10_050 and min(event.at for event in read.values()) == TEN - 10_049 * HOUR
    assert counts([batch(path)]).records == 10_050
