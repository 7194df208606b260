"""What the provider says of its limits: which of many words hold."""

from __future__ import annotations

from functools import reduce
from math import inf, nan

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonlock.analytics import quota
from moonlock.analytics.quota import EMPTY, Official, fit, of_hit
from moonlock.model.events import LimitHit
from moonlock.model.instant import DAY, HOUR, MINUTE, SECOND
from moonlock.model.limits import QuotaSample
from moonlock.model.window import FULLEST, WEEK
from moonlock.model.window import LENGTH as FIVE_HOURS

NOON = 1_795_161_600_000
LATER = NOON + 4 * HOUR
PLAIN = QuotaSample("five_hour", FIVE_HOURS, 20.0, LATER, NOON, "a")


def said(used: float, resets_at: int = LATER, at: int = NOON, session: str = "a", **more: object) -> QuotaSample:
    plain = QuotaSample("five_hour", FIVE_HOURS, used, resets_at, at, session)
    return msgspec.structs.replace(plain, **more)


def week(used: float, resets_at: int = NOON + 3 * DAY, at: int = NOON, session: str = "a") -> QuotaSample:
    return QuotaSample("seven_day", WEEK, used, resets_at, at, session)


def now_of(*samples: QuotaSample, now: int = NOON + MINUTE) -> Official:
    fitting = (sample for each in samples if (sample := fit(each)) is not None)
    return quota.read(reduce(quota.add, fitting, EMPTY), now)


def shown(*samples: QuotaSample, now: int = NOON + MINUTE) -> list[tuple[str, float | None, int | None]]:
    return [(one.name, one.used, one.resets_at) for one in now_of(*samples, now=now).windows]


def test_a_window_is_shown_with_its_source_its_age_and_its_pace() -> None:
    (window,) = now_of(said(23.5), now=NOON + HOUR).windows
    assert (window.name, window.length, window.used, window.source) == ("five_hour", FIVE_HOURS, 23.5, "official")
    assert (window.as_of, window.resets_at) == (NOON, LATER)
    assert window.expected == pytest.approx(40.0)


def test_the_largest_percentage_of_a_window_holds_whoever_lags_behind() -> None:
    fast, idle = said(60.0, at=NOON + MINUTE), said(20.0, at=NOON + 2 * MINUTE, session="idle")
    assert shown(fast, idle, now=NOON + HOUR) == shown(idle, fast, now=NOON + HOUR) == [("five_hour", 60.0, LATER)]


def test_of_two_windows_the_one_that_resets_later_holds() -> None:
    moved = LATER + HOUR // 2
    assert shown(said(90.0, LATER), said(5.0, moved)) == [("five_hour", 5.0, moved)]
    assert shown(said(5.0, moved), said(90.0, LATER)) == [("five_hour", 5.0, moved)]


def test_a_window_that_has_reset_says_nothing_any_more() -> None:
    assert shown(said(100.0), now=LATER - 1) == [("five_hour", 100.0, LATER)]
    assert shown(said(100.0), now=LATER) == []
    assert shown(said(100.0), said(3.0, LATER + FIVE_HOURS, at=LATER + MINUTE), now=LATER + MINUTE) == [
        ("five_hour", 3.0, LATER + FIVE_HOURS)
    ]


@pytest.mark.parametrize(
    "senseless",
    [
        said(1_738_425_600.0),
        said(105.5),
        said(-1.0),
        said(nan),
        said(inf),
        said(20.0, 0),
        said(20.0, NOON),
        said(20.0, NOON + SECOND),
        said(20.0, NOON + 3 * DAY),
        said(20.0, length=0),
        said(20.0, NOON + 50 * DAY, length=60 * DAY),
    ],
)
def test_what_makes_no_sense_is_dropped(senseless: QuotaSample) -> None:
    assert fit(senseless) is None


def test_a_little_above_a_hundred_happens() -> None:
    assert shown(said(103.0)) == [("five_hour", 103.0, LATER)]


def test_windows_are_told_apart_by_their_length_and_never_by_their_slot() -> None:
    swapped = said(41.0, NOON + 3 * DAY, name="five_hour", length=WEEK)
    primary = said(9.0, name="primary", length=FIVE_HOURS)
    assert shown(swapped, primary) == [("five_hour", 9.0, LATER), ("seven_day", 41.0, NOON + 3 * DAY)]
    odd = said(9.0, NOON + HOUR, name="secondary", length=90 * MINUTE)
    assert shown(odd) == [("90_minutes", 9.0, NOON + HOUR)]


def test_what_holds_for_one_model_alone_is_a_limit_of_its_own() -> None:
    opus = msgspec.structs.replace(week(88.0), name="seven_day_opus")
    assert [name for name, *_ in shown(week(41.0), opus, said(1.0))] == ["five_hour", "seven_day", "seven_day_opus"]
    rude = msgspec.structs.replace(week(88.0), name="seven_day_<b>" + "x" * 99)
    (name, *_) = shown(rude)[0]
    assert name.startswith("seven_day_bx") and len(name) == quota.LONGEST_NAME


@pytest.mark.parametrize("tremble", [-40 * SECOND, -1, 1, 30 * SECOND, MINUTE])
def test_resets_that_tremble_are_one_window(tremble: int) -> None:
    assert shown(said(50.0), said(10.0, LATER + tremble)) == [("five_hour", 50.0, LATER)]


def test_of_two_words_for_one_reset_the_later_one_holds_as_it_does_for_the_open_window() -> None:
    early, late = said(50.0, LATER - 82 * SECOND), said(10.0, LATER, NOON + SECOND)
    assert shown(early, late) == shown(late, early) == [("five_hour", 50.0, LATER)]
    sooner = said(10.0, LATER - 82 * SECOND, NOON + SECOND)
    assert shown(said(50.0), sooner) == [("five_hour", 50.0, LATER - MINUTE)]
    odd = LATER + 5 * MINUTE  # no multiple of ten minutes: then the minute counts, and those next to it
    (one,) = shown(said(50.0, odd), said(60.0, odd + 20 * SECOND), said(10.0, odd + 50 * SECOND))
    assert one[1] == 60.0


def test_a_limit_that_was_hit_is_used_up() -> None:
    hits = [
        LimitHit(1, NOON, "session", LATER),
        LimitHit(2, NOON, "weekly", NOON + 3 * DAY),
        LimitHit(3, NOON, "model", NOON + 2 * DAY),
        LimitHit(4, NOON, "spend", NOON + DAY),
        LimitHit(5, NOON, "session", None),
        LimitHit(6, NOON, "session", NOON + 2 * DAY),
    ]
    assert shown(*(sample for hit in hits if (sample := of_hit(hit)) is not None)) == [
        ("five_hour", 100.0, LATER),
        ("seven_day", 100.0, NOON + 3 * DAY),
        ("seven_day_model", 100.0, NOON + 2 * DAY),
    ]


def test_a_message_that_names_no_limit_is_of_the_window_that_can_end_then() -> None:
    soon, late = of_hit(LimitHit(1, NOON, "unknown", LATER)), of_hit(LimitHit(1, NOON, "unknown", NOON + 2 * DAY))
    assert soon is not None and late is not None
    assert (soon.name, late.name) == ("five_hour", "seven_day")


def test_parallel_sessions_of_one_account_are_one() -> None:
    found = now_of(said(20.0), week(41.0), said(30.0, session="b"), week(41.2, session="b"))
    assert found.accounts == 1
    assert [(one.name, one.used) for one in found.windows] == [("five_hour", 30.0), ("seven_day", 41.2)]


def test_two_accounts_do_not_poison_each_other() -> None:
    mine = [said(95.0, at=NOON), week(80.0, at=NOON)]
    yours = [
        said(5.0, LATER - HOUR, NOON + SECOND, "b"),
        week(7.0, NOON + DAY, NOON + SECOND, "b"),
    ]
    found = now_of(*mine, *yours)
    assert found.accounts == 2
    assert [(one.used, one.resets_at) for one in found.windows] == [(5.0, LATER - HOUR), (7.0, NOON + DAY)]
    spoke = said(96.0, at=NOON + 2 * SECOND)
    assert [one.used for one in now_of(*mine, *yours, spoke).windows] == [96.0, 80.0]


def test_a_session_that_tells_only_of_its_week_is_no_second_account() -> None:
    found = now_of(said(20.0, session="a"), week(41.0, session="b"))
    assert (found.accounts, [one.used for one in found.windows]) == (1, [20.0, 41.0])


def test_nothing_said_is_nothing_known() -> None:
    assert quota.read(EMPTY, NOON) == Official()


SAMPLES = st.lists(
    st.builds(
        QuotaSample,
        st.sampled_from(["five_hour", "seven_day", "seven_day_opus"]),
        st.sampled_from([FIVE_HOURS, WEEK]),
        st.floats(-1, 110),
        st.integers(NOON - HOUR, NOON + 8 * DAY) | st.sampled_from([0, LATER, LATER + SECOND, LATER - SECOND]),
        st.integers(NOON, NOON + 6 * HOUR),
        st.sampled_from(["", "a", "b", "c"]),
    ),
    max_size=12,
)


@given(SAMPLES, st.randoms(use_true_random=False), st.integers(0, 10 * HOUR))
def test_the_order_of_samples_does_not_matter(samples: list[QuotaSample], chance: object, wait: int) -> None:
    mixed = [*samples]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert now_of(*samples, now=NOON + wait) == now_of(*mixed, now=NOON + wait)


@given(SAMPLES)
def test_saying_it_again_changes_nothing_and_every_window_is_open(samples: list[QuotaSample]) -> None:
    found = now_of(*samples)
    assert now_of(*samples, *samples) == found
    for window in found.windows:
        assert window.resets_at is not None and window.resets_at > NOON + MINUTE
        assert window.used is not None and 0 <= window.used <= FULLEST
    assert len({window.name for window in found.windows}) == len(found.windows)


def test_what_is_held_is_bounded() -> None:
    many = [said(1.0, NOON + 30 * MINUTE + number * 3 * MINUTE, session=f"s{number}") for number in range(80)]
    told = reduce(quota.add, (sample for each in many if (sample := fit(each)) is not None), EMPTY)
    assert [len(words) for words in told.limits.values()] == [quota.MOST_RESETS]
    crowd = [said(1.0, session=f"s{number}") for number in range(200)]
    told = reduce(quota.add, (sample for each in crowd if (sample := fit(each)) is not None), EMPTY)
    ((word,),) = (words.values() for words in told.limits.values())
    assert len(word.sessions) == quota.MOST_SESSIONS
