"""A person names, hides and brings back sessions while everything runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from live.house import House, lived
from live.logs import answer, log, write

from moonlock.live import clock
from moonlock.model.instant import DAY
from moonlock.model.label import Relabel
from moonlock.model.wire import Frame, SessionStatusChanged, SessionTokens
from moonlock.store.errors import NameTaken


def says(frame: Frame, name: str | None) -> bool:
    """A frame that tells of a session with this name."""
    if isinstance(frame, SessionTokens):
        return frame.data.session.name == name
    return isinstance(frame, SessionStatusChanged) and frame.data.name == name


def test_a_name_is_told_to_whoever_listens(tmp_path: Path) -> None:
    write(log(tmp_path), answer(clock.now()))

    async def story(house: House) -> None:
        named = await house.engine.relabel("s1", Relabel(name="Mine", tags=("a",), description="why"))
        assert named is not None and (named.name, named.tags, named.description) == ("Mine", ["a"], "why")
        await house.until(lambda frame: says(frame, "Mine"))
        assert house.snapshot().sessions[0].name == "Mine"
        assert [each.name for each in await house.engine.sessions()] == ["Mine"]
        assert (await house.engine.session("mine")) == (await house.engine.session(named.id))
        assert await house.engine.relabel("nobody", Relabel(name="x")) is None
        await house.engine.relabel("mine", Relabel(name=""))
        await house.until(lambda frame: says(frame, None))
        assert house.greeted == 0

    lived(tmp_path, story)


def test_the_name_of_the_last_session_is_told_when_nothing_is_live(tmp_path: Path) -> None:
    write(log(tmp_path), answer(clock.now() - 2 * DAY))

    async def story(house: House) -> None:
        await house.engine.relabel("s1", Relabel(name="Old"))
        await house.until(lambda frame: says(frame, "Old"))

    lived(tmp_path, story)


def test_a_name_of_another_session_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    now = clock.now()
    write(log(tmp_path, "s1"), answer(now, session="s1"))
    write(log(tmp_path, "s2"), answer(now, session="s2"))

    async def story(house: House) -> None:
        await house.engine.relabel("s1", Relabel(name="Mine"))
        with pytest.raises(NameTaken):
            await house.engine.relabel("s2", Relabel(name="MINE"))
        assert sorted(each.name or "" for each in await house.engine.sessions()) == ["", "Mine"]
        assert house.engine.health().components["store"].status == "healthy"

    lived(tmp_path, story)


def test_a_hidden_session_leaves_every_number_at_once_and_comes_back_whole(tmp_path: Path) -> None:
    now = clock.now()
    write(log(tmp_path, "s1"), answer(now, 100, "s1", tool="Bash"))
    write(log(tmp_path, "s2"), answer(now - 1, 11, "s2"))
    write(log(tmp_path, "s3", "-other"), answer(now - 3 * DAY, 5, "s3"))

    async def story(house: House) -> None:
        whole = house.snapshot()
        assert whole.recent
        listed = len(await house.engine.sessions())
        await house.engine.relabel("s1", Relabel(hidden=True))
        shown = house.hello()
        left = shown.snapshot
        assert shown.epoch != whole.epoch, "whoever resumes must begin again"
        assert whole.today.tokens.total - left.today.tokens.total == 100
        assert whole.block is not None and left.block is not None
        assert whole.block.tokens.total - left.block.tokens.total == 100
        assert [each.agent_session_id for each in left.sessions] == ["s2"]
        assert not left.recent and sum(minute.tokens.total for minute in left.minutes) == 11
        assert [each.agent_session_id for each in await house.engine.sessions()].count("s1") == 0
        assert len(await house.engine.sessions()) == listed - 1
        assert await house.engine.session("s1") is None
        write(log(tmp_path, "s1"), answer(clock.now(), 1000, "s1"))
        write(log(tmp_path, "s2"), answer(clock.now(), 7, "s2"))
        await house.until(lambda frame: isinstance(frame, SessionTokens) and frame.data.session.tokens.total == 18)
        assert house.greeted == 1
        assert house.snapshot().today.tokens.total == left.today.tokens.total + 7
        back = await house.engine.relabel("s1", Relabel(hidden=False))
        assert back is not None and back.tokens.total == 1100
        assert house.snapshot().today.tokens.total == whole.today.tokens.total + 1007
        assert len(await house.engine.sessions()) == listed

    lived(tmp_path, story)


def test_a_new_neighbour_of_the_same_name_renames_the_project_of_a_live_session(tmp_path: Path) -> None:
    now = clock.now()
    write(log(tmp_path, "s1"), answer(now, session="s1"))

    async def story(house: House) -> None:
        assert house.snapshot().sessions[0].project == "thing"
        other = answer(clock.now(), session="s2").replace("/work/thing", "/home/thing")
        write(log(tmp_path, "s2", "-home-thing"), other)

        def told(frame: Frame) -> bool:
            return isinstance(frame, SessionTokens) and frame.data.session.project == "work/thing"

        await house.until(told)
        assert {each.project for each in await house.engine.sessions()} == {"work/thing", "home/thing"}

    lived(tmp_path, story)
