"""Which days a question means."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.cli.asked import Asked, plain
from moonlock.cli.days import span, zone_of
from moonlock.cli.errors import Trouble
from moonlock.model.instant import DAY, instant

NOW = instant(datetime(2026, 3, 31, 23, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("last", "since"),
    [
        ("1", date(2026, 3, 31)),
        ("1d", date(2026, 3, 31)),
        ("7D", date(2026, 3, 25)),
        ("2w", date(2026, 3, 18)),
        ("1m", date(2026, 3, 1)),
        ("3m", date(2026, 1, 1)),
        ("12m", date(2025, 4, 1)),
    ],
)
def test_the_last_days_include_today(last: str, since: date) -> None:
    found = span(Asked(last=last), UTC, NOW)
    assert (found.since, found.until) == (since, date(2026, 3, 31))


def test_today_is_today_in_the_zone_that_was_asked_for() -> None:
    assert span(Asked(last="1"), ZoneInfo("Asia/Tokyo"), NOW).until == date(2026, 4, 1)


def test_a_day_begins_and_ends_at_midnight_of_its_zone() -> None:
    found = span(Asked(since="2026-03-29", until="2026-03-29"), ZoneInfo("Europe/Berlin"), NOW)
    assert found.start == instant(datetime(2026, 3, 28, 23, tzinfo=UTC))
    assert found.end == found.start + DAY - DAY // 24  # the clocks go forward


@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)))
def test_a_day_in_utc_has_24_hours(day: date) -> None:
    found = span(Asked(since=str(day), until=str(day)), UTC, NOW)
    assert found.start is not None and found.end == found.start + DAY


@given(st.text(max_size=6))
def test_whatever_is_given_as_a_span_is_understood_or_refused(text: str) -> None:
    try:
        found = span(Asked(last=text), UTC, NOW)
    except Trouble as refused:
        assert refused.status == 2
    else:
        assert found.since is not None and found.since <= date(2026, 3, 31)


def test_days_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(Trouble, match="after"):
        span(Asked(since="2026-03-02", until="2026-03-01"), UTC, NOW)


def test_utc_needs_no_zone_data() -> None:
    assert zone_of("UTC") is UTC
    assert zone_of("No/Where") is UTC
    assert datetime(2026, 7, 1, tzinfo=zone_of("Europe/Berlin")).utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ([], Asked()),
        (["daily", "--json"], Asked(as_json=True)),
        (["--since=2026-01-01", "--until", "2026-02-01"], Asked(since="2026-01-01", until="2026-02-01")),
        (["--order", "desc", "--breakdown"], Asked(order="desc", breakdown=True)),
        (["--last", "7d", "--timezone", "UTC"], Asked(last="7d", timezone="UTC")),
    ],
)
def test_everyday_words_are_read_at_once(words: list[str], asked: Asked) -> None:
    known = plain(words)
    assert known is not None
    assert all(getattr(known, name) == getattr(asked, name) for name in Asked.__annotations__)


@pytest.mark.parametrize(
    "words",
    [["weekly"], ["--help"], ["--jsn"], ["--order", "up"], ["--since"], ["--json=yes"], ["daily", "daily"], ["-h"]],
)
def test_everything_else_is_left_to_the_full_reader(words: list[str]) -> None:
    assert plain(words) is None
