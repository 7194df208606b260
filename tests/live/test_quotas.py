"""Limits of a running house: from what a session is told to the snapshot, the frames, the window and the alerts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from live.house import House, lived, open_store
from live.logs import answer, line, log, write

from moonlock.live import clock
from moonlock.model.instant import DAY, HOUR, MINUTE, SECOND, iso
from moonlock.model.limits import QuotaSample
from moonlock.model.quota_shapes import QuotaShape, QuotaWindowShape
from moonlock.model.session import SessionKey
from moonlock.model.statusline import LimitSeen, StatusSample
from moonlock.model.window import LENGTH as FIVE_HOURS
from moonlock.model.window import WEEK
from moonlock.model.wire import AlertRaised, Frame, QuotaUpdate, QuotaWarning


def coming(away: int = 2 * HOUR) -> int:
    """A moment at which limits reset: a multiple of ten minutes."""
    at = clock.now() + away
    return at - at % (10 * MINUTE) + 10 * MINUTE


def told(session: str, *limits: LimitSeen, at: int | None = None) -> StatusSample:
    return StatusSample(at=clock.now() if at is None else at, key=SessionKey("claude-code", "", session), limits=limits)


def five(used: float, reset: int) -> LimitSeen:
    return LimitSeen("five_hour", FIVE_HOURS, used, reset)


def known(quota: QuotaShape | None) -> dict[str, QuotaWindowShape]:
    return {} if quota is None else {window.name: window for window in quota.windows}


def is_at(used: float, name: str = "five_hour", source: str = "official") -> object:
    def wanted(frame: Frame) -> bool:
        return isinstance(frame, QuotaUpdate) and any(
            (one.name, one.used_percentage, one.source) == (name, used, source) for one in frame.data.windows
        )

    return wanted


async def until_used(house: House, used: float, name: str = "five_hour", source: str = "official") -> QuotaWindowShape:
    await house.until(is_at(used, name, source))  # type: ignore[arg-type]
    return known(house.snapshot().quota)[name]


def test_what_a_status_line_says_is_told_shown_kept_and_shown_again(tmp_path: Path) -> None:
    reset, week = coming(), coming(3 * DAY)

    async def first(house: House) -> None:
        house.engine.samples.take(told("s1", five(23.5, reset), LimitSeen("seven_day", WEEK, 41.2, week)))
        window = await until_used(house, 23.5)
        assert (window.resets_at, window.source, window.length_ms) == (iso(reset), "official", FIVE_HOURS)
        assert window.age_ms is not None and window.age_ms < MINUTE and window.pace is not None
        assert known(house.snapshot().quota)["seven_day"].used_percentage == 41.2
        health = house.engine.health().components["quota"]
        assert health.summary.startswith("official, of ") and health.findings == []

    async def second(house: House) -> None:
        await until_used(house, 23.5)
        assert set(known(house.snapshot().quota)) == {"five_hour", "seven_day"}

    store = open_store(tmp_path)
    lived(tmp_path, first, store)
    lived(tmp_path, second, store)
    store.close()


def test_an_idle_session_that_repeats_itself_makes_nothing_younger(tmp_path: Path) -> None:
    reset = coming()

    async def story(house: House) -> None:
        old = clock.now() - 20 * MINUTE
        house.engine.samples.take(told("s1", five(50.0, reset), at=old))
        await until_used(house, 50.0)
        house.engine.samples.take(told("s1", five(50.0, reset)))
        house.engine.samples.take(told("s2", five(60.0, reset)))
        await until_used(house, 60.0)
        (row,) = [one for one in house.engine._store.quotas().told(clock.now()) if one.session == "s1"]
        assert row.at == old

    lived(tmp_path, story)


def test_nonsense_and_the_future_change_nothing(tmp_path: Path) -> None:
    reset = coming()

    async def story(house: House) -> None:
        late = clock.now() + HOUR
        house.engine.samples.take(told("s1", five(1_738_425_600.0, reset), five(20.0, 0), five(20.0, 1)))
        house.engine.samples.take(told("s1", five(99.0, late + HOUR), at=late))
        house.engine.quotas.take([QuotaSample("five_hour", FIVE_HOURS, 12.0, reset, clock.now(), "s1")])
        assert (await until_used(house, 12.0)).used_percentage == 12.0

    lived(tmp_path, story)


def test_what_a_clock_said_that_ran_ahead_silences_nobody(tmp_path: Path) -> None:
    reset, later = coming(), clock.now() + 20 * HOUR

    def ahead(session: str) -> QuotaSample:
        return QuotaSample("seven_day", WEEK, 40.0, coming(3 * DAY), later, session)

    async def kept(house: House) -> None:
        house.engine.samples.take(told("s1", five(12.0, reset)))
        await until_used(house, 12.0)

    async def heard(house: House) -> None:
        house.engine.quotas._fold(ahead("s3"))  # as if it had been true then
        house.engine.samples.take(told("s1", five(13.0, reset)))
        await until_used(house, 13.0)

    store = open_store(tmp_path)
    store.quotas().keep([ahead("s2")])
    lived(tmp_path, kept, store)
    lived(tmp_path, heard, store)
    store.close()


def test_the_window_of_the_page_ends_when_the_provider_says_so(tmp_path: Path) -> None:
    write(log(tmp_path), answer(clock.now() - 90 * MINUTE, 50))
    reset = coming()

    async def story(house: House) -> None:
        assert [one.anchor for one in [house.snapshot().block] if one] == ["estimated"]
        house.engine.samples.take(told("s1", five(30.0, reset)))
        async with asyncio.timeout(10):
            while (block := house.snapshot().block) is None or block.anchor != "official":
                await asyncio.sleep(0.05)
        assert (block.end_at, block.requests) == (iso(reset), 1)

    async def again(house: House) -> None:
        block = house.snapshot().block
        assert block is not None and (block.anchor, block.end_at) == ("official", iso(reset))

    store = open_store(tmp_path)
    lived(tmp_path, story, store)
    lived(tmp_path, again, store)
    store.close()


def test_a_limit_message_in_a_log_is_a_limit_that_is_used_up(tmp_path: Path) -> None:
    path = write(log(tmp_path), answer(clock.now() - MINUTE, 50))
    reset = coming()

    async def story(house: House) -> None:
        text = f"Claude AI usage limit reached|{reset // 1000}"
        said = {"id": "e", "model": "<synthetic>", "role": "assistant", "content": [{"type": "text", "text": text}]}
        more = {"message": {**said, "type": "message"}, "isApiErrorMessage": True, "error": "rate_limit"}
        write(path, line("assistant", clock.now(), "s1", **more))
        window = await until_used(house, 100.0)
        assert (window.resets_at, window.overrun_probability) == (iso(reset), 1.0)

    async def again(house: House) -> None:
        assert (await until_used(house, 100.0)).resets_at == iso(reset)

    store = open_store(tmp_path)
    lived(tmp_path, story, store)
    lived(tmp_path, again, store)
    store.close()


def test_words_that_disagree_about_the_end_move_the_window_once(tmp_path: Path) -> None:
    odd = coming() + 5 * MINUTE + 33 * SECOND
    text = f"Claude AI usage limit reached|{odd // 1000}"
    said = {"id": "e", "model": "<synthetic>", "role": "assistant", "content": [{"type": "text", "text": text}]}
    more = {"message": {**said, "type": "message"}, "isApiErrorMessage": True, "error": "rate_limit"}
    path = write(log(tmp_path), answer(clock.now() - MINUTE, 50))

    async def story(house: House) -> None:
        house.engine.samples.take(told("s1", five(70.0, coming(4 * HOUR))))
        await until_used(house, 70.0)
        write(path, line("assistant", clock.now(), "s1", **more))
        await asyncio.sleep(1.3)  # one tick at least, and each would begin the state again
        begun = house.engine._state.begun
        await asyncio.sleep(1.3)
        assert house.engine._state.begun == begun

    lived(tmp_path, story)


def test_a_limit_that_comes_near_is_told_once_for_its_window(tmp_path: Path) -> None:
    reset = coming()

    async def story(house: House) -> None:
        house.engine.samples.take(told("s1", five(82.0, reset)))
        warning = await house.until(lambda frame: isinstance(frame, QuotaWarning))
        assert isinstance(warning, QuotaWarning)
        assert (warning.data.rule, warning.data.window.name) == ("quota-80", "five_hour")
        assert warning.data.title == "82% of the five-hour limit is used"
        house.engine.samples.take(told("s2", five(96.0, reset)))
        await house.until(lambda frame: isinstance(frame, QuotaWarning) and frame.data.rule == "quota-95")
        fired = [one for one in house.heard if isinstance(one, AlertRaised) and one.data.phase == "firing"]
        assert [one.data.rule for one in fired] == ["quota-80", "quota-95"]

    async def again(house: House) -> None:
        house.engine.samples.take(told("s3", five(97.0, reset)))
        await until_used(house, 97.0)
        await asyncio.sleep(0.6)  # the rules look soon after news
        assert not [one for one in house.heard if isinstance(one, QuotaWarning)]

    store = open_store(tmp_path)
    lived(tmp_path, story, store)
    lived(tmp_path, again, store)
    store.close()


def test_where_it_leads_is_learned_from_what_was_spent_between_two_words(tmp_path: Path) -> None:
    now, reset = clock.now(), coming(HOUR)
    begun = reset - FIVE_HOURS
    path = write(log(tmp_path), *(answer(begun + minute * MINUTE, 9_000) for minute in range(5, 60, 5)))

    async def story(house: House) -> None:
        quotas = house.engine.quotas
        quotas.take(
            QuotaSample("five_hour", FIVE_HOURS, 10.0 + minute, reset, begun + minute * MINUTE + SECOND, "s1")
            for minute in range(5, 60, 5)
        )
        quotas.take([QuotaSample("five_hour", FIVE_HOURS, 90.0, reset, now, "s1")])
        write(path, answer(now, 9_000))
        async with asyncio.timeout(15):
            while (window := known(house.snapshot().quota).get("five_hour")) is None or window.end_percentage is None:
                await asyncio.sleep(0.1)
        band = window.end_percentage
        assert 90.0 <= band.low <= band.expected <= band.high
        assert window.overrun_probability is not None and 0 <= window.overrun_probability <= 1

    lived(tmp_path, story)


def test_without_a_word_of_the_provider_it_is_ones_own_habit_and_says_so(tmp_path: Path) -> None:
    now = clock.now()
    past = [answer(now - days * DAY - 30 * MINUTE, 1_000) for days in range(30, 0, -1)]
    write(log(tmp_path), *past, answer(now - MINUTE, 500))

    async def story(house: House) -> None:
        async with asyncio.timeout(15):
            while "five_hour" not in (found := known(house.snapshot().quota)) or (found["five_hour"].basis is None):
                await asyncio.sleep(0.1)
        window, week = found["five_hour"], found["seven_day"]
        assert (window.source, window.used_percentage) == ("estimated", 50.0)
        assert window.basis is not None and window.basis.share_of_most == 50.0 and window.basis.windows >= 29
        assert (week.source, week.resets_at, week.pace) == ("estimated", None, None)
        assert week.basis is not None and week.basis.windows == 3
        part = house.engine.health().components["quota"]
        assert part.status == "healthy" and "moonlock connect" in (part.findings[0].hint or "")
        assert not [one for one in house.heard if isinstance(one, QuotaWarning)]

    lived(tmp_path, story)


def test_where_nothing_was_used_and_nobody_spoke_there_is_no_advice_about_estimates(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        async with asyncio.timeout(10):
            while house.engine.quotas.looks < 1:
                await asyncio.sleep(0.02)
            house.engine.quotas._awake.set()
            await asyncio.sleep(0)
        part = house.engine.health().components["quota"]
        assert (part.status, part.summary, part.findings) == ("healthy", "nothing known yet", [])

    lived(tmp_path, story)


def test_the_plan_is_shown_by_its_name(tmp_path: Path) -> None:
    account = {"organizationType": "claude_max", "organizationRateLimitTier": "default_claude_max_20x"}
    (tmp_path / ".claude.json").write_text(json.dumps({"oauthAccount": {**account, "emailAddress": "a@example.com"}}))

    async def story(house: House) -> None:
        await house.until(lambda frame: isinstance(frame, QuotaUpdate))
        quota = house.snapshot().quota
        assert quota is not None and quota.plan is not None and quota.windows == []
        assert (quota.plan.name, quota.plan.type) == ("Max 20x", "claude_max")

    lived(tmp_path, story)
