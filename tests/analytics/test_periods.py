"""Days and offsets in zones whose clocks change."""

from __future__ import annotations

from datetime import UTC, date, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from analytics.samples import at
from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.periods import day_bounds, day_start, offset, segments
from moonlock.model.instant import DAY, HOUR, MINUTE, iso

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Kathmandu")]


def test_utc_is_one_stretch() -> None:
    for zone in (UTC, ZoneInfo("UTC")):
        assert segments(zone, 5, 10 * DAY) == ((5, 0),)


def test_a_year_in_berlin_has_two_changes() -> None:
    found = segments(BERLIN, at("2026-01-01"), at("2027-01-01"))
    shown = [(iso(since), milliseconds // HOUR) for since, milliseconds in found]
    assert shown == [
        ("2026-01-01T00:00:00.000Z", 1),
        ("2026-03-29T01:00:00.000Z", 2),
        ("2026-10-25T01:00:00.000Z", 1),
    ]


def test_a_fixed_offset_is_one_stretch() -> None:
    zone = timezone(timedelta(hours=5, minutes=45))
    assert segments(zone, 0, 400 * DAY) == ((0, 5 * HOUR + 45 * MINUTE),)


@given(st.sampled_from(ZONES), st.integers(0, 400), st.integers(0, 3 * 365 * 24 * 60))
def test_every_moment_has_the_offset_of_its_stretch(zone: ZoneInfo, days: int, minute: int) -> None:
    since = at("2024-11-20") + days * DAY
    until = at("2027-11-20")
    moment = since + minute * MINUTE % (until - since)
    known = [milliseconds for begin, milliseconds in segments(zone, since, until) if begin <= moment]
    assert known[-1] == offset(moment, zone)


@pytest.mark.parametrize(
    ("zone", "now", "hours"),
    [
        (BERLIN, "2026-03-29T12:00", 23),
        (BERLIN, "2026-10-25T12:00", 25),
        (BERLIN, "2026-07-01T12:00", 24),
        (NEW_YORK, "2026-03-08T17:00", 23),
        (NEW_YORK, "2026-11-01T05:30", 25),
        (ZoneInfo("America/Havana"), "2026-03-08T12:00", 23),
        (ZoneInfo("Pacific/Apia"), "2011-12-31T00:00", 24),
        (UTC, "2026-11-20T23:59", 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(zone: ZoneInfo, now: str, hours: int) -> None:
    start, end = day_bounds(at(now), zone)
    assert start <= at(now) < end
    assert end - start == hours * HOUR
    assert day_bounds(start, zone) == day_bounds(end - 1, zone) == (start, end)
    assert (day_bounds(start - 1, zone)[1], day_bounds(end, zone)[0]) == (start, end)


def test_a_late_evening_in_america_is_the_day_before() -> None:
    start, _ = day_bounds(at("2026-11-20T03:00"), NEW_YORK)
    assert start == day_start(date(2026, 11, 19), NEW_YORK)
    assert iso(start) == "2026-11-19T05:00:00.000Z"
