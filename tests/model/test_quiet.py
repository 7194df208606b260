"""Quiet hours by the wall clock, also when that is set for summer and winter."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.model.instant import Instant, instant
from moonlock.model.quiet import hours, is_quiet, text

BERLIN = ZoneInfo("Europe/Berlin")


def at(said: str) -> Instant:
    return instant(datetime.fromisoformat(said).replace(tzinfo=BERLIN))


@pytest.mark.parametrize(
    ("said", "quiet"),
    [
        ("2026-11-20T21:59:59", False),
        ("2026-11-20T22:00:00", True),
        ("2026-11-21T00:00:00", True),
        ("2026-11-21T06:59:59", True),
        ("2026-11-21T07:00:00", False),
        ("2026-03-29T03:30:00", True),  # the hour before does not exist
        ("2026-10-25T02:30:00", True),  # it exists twice
    ],
)
def test_a_night_begins_in_the_evening_and_ends_in_the_morning(said: str, quiet: bool) -> None:
    assert is_quiet(hours("22:00-07:00"), at(said), BERLIN) is quiet


def test_hours_within_a_day_end_on_it() -> None:
    noon = hours("12:00 - 13:30")
    assert [is_quiet(noon, at(f"2026-11-20T{time}:00"), BERLIN) for time in ("11:59", "12:00", "13:29", "13:30")] == [
        False,
        True,
        True,
        False,
    ]


def test_without_quiet_hours_it_is_never_quiet() -> None:
    assert not is_quiet(None, at("2026-11-20T00:00:00"), BERLIN)


@pytest.mark.parametrize(
    "said", ["", "22", "22:00", "22:00-", "22:00-22:00", "24:00-01:00", "1:5-2:00", "aa:bb-cc:dd", "-1:00-2:00"]
)
def test_what_is_no_span_of_a_day_is_none(said: str) -> None:
    assert hours(said) is None


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 10**9))
def test_each_minute_is_quiet_or_its_opposite(begin: int, end: int, minute: int) -> None:
    if begin != end:
        now = minute * 60_000
        assert hours(text((begin, end))) == (begin, end)
        assert is_quiet((begin, end), now, UTC) is not is_quiet((end, begin), now, UTC)
