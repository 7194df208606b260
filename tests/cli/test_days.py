"""Which days a question means."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics.cost import MODES
from moonlock.cli.asked import COSTS, OF_CCUSAGE, REPORTS, Asked, form, names, plain, wants_json
from moonlock.cli.days import Days, span
from moonlock.cli.errors import Trouble
from moonlock.config.zone import zone_of
from moonlock.model.instant import DAY, HOUR, MINUTE, instant
from moonlock.outputs import ccusage

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


@pytest.mark.parametrize(
    ("zone", "day", "starts", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00Z", 23),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00Z", 25),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00Z", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30Z", 23.5),
        ("Asia/Kathmandu", "2026-06-01", "2026-05-31T18:15Z", 24),
        ("Pacific/Chatham", "2026-04-05", "2026-04-04T10:15Z", 25),
        ("America/St_Johns", "2026-11-01", "2026-11-01T02:30Z", 25),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z", 0),
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(zone: str, day: str, starts: str, hours: float) -> None:
    found = Days(Asked(since=day, until=day), zone, {}, NOW)
    assert found.start == instant(datetime.fromisoformat(starts))
    assert found.end == found.start + hours * HOUR


def test_the_offset_of_a_stretch_holds_from_the_moment_of_its_change() -> None:
    found = Days(Asked(since="2026-03-28", until="2026-03-30"), "Europe/Berlin", {}, NOW)
    change = instant(datetime(2026, 3, 29, 1, tzinfo=UTC))
    assert found.segments == ((found.start, HOUR), (change, 2 * HOUR))
    nepal = Days(Asked(), "Asia/Kathmandu", {}, NOW)
    assert [offset for _, offset in nepal.segments] == [5 * HOUR + 45 * MINUTE]


@pytest.mark.parametrize(("said", "day"), [("today", 31), ("Yesterday", 30), (" 20260329 ", 29), ("2026-03-28", 28)])
def test_a_day_may_be_named_in_several_ways(said: str, day: int) -> None:
    assert span(Asked(since=said), UTC, NOW).since == date(2026, 3, day)


def test_yesterday_is_that_of_the_zone_that_was_asked_for() -> None:
    assert span(Asked(until="yesterday"), ZoneInfo("Asia/Tokyo"), NOW).until == date(2026, 3, 31)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_the_first_and_the_last_day_that_have_a_name_bound_nothing(zone: str) -> None:
    found = Days(Asked(since="0001-01-01", until="9999-12-31"), zone, {}, NOW)
    assert found.start is not None and found.start < 0
    assert found.end is None
    assert len(found.segments) < 40


@given(st.text(max_size=10), st.sampled_from(["since", "until"]))
def test_whatever_is_given_as_a_day_is_understood_or_refused(text: str, name: str) -> None:
    try:
        span(Asked(**{name: text}), UTC, NOW)
    except Trouble as refused:
        assert refused.status == 2 and refused.hint


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
        (
            ["blocks", "--active", "--recent", "--limit=max"],
            Asked(report="blocks", active=True, recent=True, limit="max"),
        ),
        (["weekly", "--start-of-week", "sun"], Asked(report="weekly", start_of_week="sun")),
        (["--model", "a,b", "--model=c", "--branch", "x"], Asked(models=("a,b", "c"), branches=("x",))),
        (["--agent", "a", "--project", "p"], Asked(agents=("a",), projects=("p",))),
        (["--format", "json", "--cost", "display"], Asked(format="json", cost="display")),
        (["--csv"], Asked(as_csv=True)),
    ],
)
def test_everyday_words_are_read_at_once(words: list[str], asked: Asked) -> None:
    known = plain(words)
    assert known is not None
    assert all(getattr(known, name) == getattr(asked, name) for name in Asked.__annotations__)


@pytest.mark.parametrize(
    "words",
    [
        *(
            ["yearly"],
            ["--help"],
            ["--jsn"],
            ["--order", "up"],
            ["--since"],
            ["--json=yes"],
            ["daily", "daily"],
            ["-h"],
        ),
        *(["--format", "xml"], ["--cost", "free"], ["--limit", "-5"], ["--active=1"], ["--", "daily"]),
    ],
)
def test_everything_else_is_left_to_the_full_reader(words: list[str]) -> None:
    assert plain(words) is None


def test_the_words_of_the_command_line_are_those_of_the_rooms_they_go_to() -> None:
    assert COSTS == MODES
    assert OF_CCUSAGE == ccusage.REPORTS
    assert len(set(REPORTS)) == 12


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked(), "table"),
        (Asked(as_json=True), "json"),
        (Asked(as_csv=True, format="csv"), "csv"),
        (Asked(format="ccusage"), "ccusage"),
    ],
)
def test_a_format_may_be_said_in_two_ways(asked: Asked, expected: str) -> None:
    assert form(asked) == expected


def test_formats_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(Trouble, match="--format csv and --json contradict each other"):
        form(Asked(as_json=True, format="csv"))


@pytest.mark.parametrize("words", [["--json"], ["--format", "json"], ["--format=json", "x"], ["x", "--json", "y"]])
def test_a_mistake_is_told_as_json_where_json_was_asked_for(words: list[str]) -> None:
    assert wants_json(words)
    assert not wants_json([word.replace("json", "csv") for word in words])


def test_names_of_a_filter_are_put_together_whatever_way_they_were_said() -> None:
    assert names("--model", ("a, b", "c", "b,")) == ("a", "b", "c")
    assert names("--agent", ()) == ()
