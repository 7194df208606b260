"""Exports, imports and backups of a house that runs."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from live.house import House, lived, open_store
from live.logs import answer, log, write

from moonlock.live import clock
from moonlock.live.portable import Origin, export
from moonlock.store import Store
from moonlock.store.errors import AmbiguousSession, UnfitImport


def elsewhere(home: Path) -> bytes:
    """What another machine exported: three sessions of today."""
    now = clock.now()
    for number in range(3):
        write(log(home, f"t{number}", "-w-theirs"), answer(now - number, 1_000, f"t{number}"))
    into = io.BytesIO()

    async def story(house: House) -> None:
        assert await house.engine.vault.export(into)

    lived(home, story)
    return into.getvalue()


def test_an_import_changes_the_picture_and_every_listener_begins_again(tmp_path: Path) -> None:
    data = elsewhere(tmp_path / "theirs")
    home = tmp_path / "mine"
    write(log(home), answer(clock.now(), 10))

    async def story(house: House) -> None:
        before, epoch = house.snapshot().today, house.engine.hub.epoch
        done = await house.engine.vault.take_in(io.BytesIO(data))
        assert (done.sessions, done.requests) == (3, 3)
        assert house.engine.hub.epoch != epoch
        today = house.snapshot().today
        assert (today.requests, today.tokens.output) == (before.requests + 3, before.tokens.output + 3_000)
        assert len(await house.engine.sessions()) == 4
        again = await house.engine.vault.take_in(io.BytesIO(data))
        assert again.requests == 0 and house.snapshot().today == today
        write(log(home), answer(clock.now(), 5))
        await house.until(lambda frame: house.snapshot().today.tokens.output == today.tokens.output + 5)

    (tmp_path / "mine").mkdir(exist_ok=True)
    lived(home, story)


def test_a_file_that_is_refused_disturbs_nobody(tmp_path: Path) -> None:
    data = elsewhere(tmp_path / "theirs")
    write(log(tmp_path), answer(clock.now(), 10))

    async def story(house: House) -> None:
        epoch, before = house.engine.hub.epoch, house.snapshot().today
        with pytest.raises(UnfitImport):
            await house.engine.vault.take_in(io.BytesIO(data[:-100]))
        assert (house.engine.hub.epoch, house.snapshot().today) == (epoch, before)
        assert house.engine.health().components["store"].status == "healthy"

    lived(tmp_path, story)


def test_an_export_is_what_the_store_says_at_that_moment(tmp_path: Path) -> None:
    write(log(tmp_path), answer(clock.now(), 10))
    write(log(tmp_path, "s2"), answer(clock.now(), 10, "s2"))
    whole, one, table = io.BytesIO(), io.BytesIO(), io.BytesIO()

    async def story(house: House) -> None:
        vault = house.engine.vault
        assert vault.folder == tmp_path
        assert await vault.export(whole)
        assert await vault.export(one, "s1")
        assert await vault.export(table, "s1", "csv")
        assert not await vault.export(io.BytesIO(), "nobody")
        with pytest.raises(AmbiguousSession):
            await vault.export(io.BytesIO(), "s")

    lived(tmp_path, story)
    store, again = open_store(tmp_path), io.BytesIO()
    assert export(store, again, Origin("0", 0)) is not None
    store.close()
    assert whole.getvalue().splitlines()[1:-1] == again.getvalue().splitlines()[1:-1]
    assert one.getvalue().count(b'"type":"request"') == 1
    assert len(table.getvalue().splitlines()) == 2


def test_a_backup_is_made_while_lines_are_read(tmp_path: Path) -> None:
    write(log(tmp_path), answer(clock.now(), 10))

    async def story(house: House) -> None:
        made = await house.engine.vault.back_up()
        copy = Store.read(Path(made.path))
        assert (copy.totals().usage.requests, made.requests) == (1, 1)
        copy.close()

    lived(tmp_path, story)
