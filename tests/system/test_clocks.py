"""Real servers whose clocks are shifted under them: the timer stays right, and a step of the clock is recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli.running import moonlock
from serving import Server, eventually, server

from moonlock.client import HandSession, Moonlock
from moonlock.model.instant import HOUR
from moonlock.model.timer_shapes import JumpShape

PLACES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/local/lib", "/usr/lib64")
LIBRARY = next((path for place in PLACES if (path := Path(place, "faketime/libfaketimeMT.so.1")).is_file()), None)
pytestmark = pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed (apt-get install faketime)")

ALL_CLOCKS: Mapping[str, str] = {}
"""As if the time had passed: the wall clock and those that only grow are shifted alike."""
WALL_ALONE: Mapping[str, str] = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
"""As if somebody had set the clock."""
Shift = Callable[[int], None]


@contextmanager
def shifted(home: Path, kind: Mapping[str, str]) -> Iterator[tuple[Server, Shift]]:
    """A server, and what moves its clocks: so many seconds away from the real ones."""
    file = home / "clock"

    def shift(seconds: int) -> None:
        draft = file.with_suffix(".new")
        draft.write_text(f"{seconds:+d}\n")
        draft.replace(file)

    shift(0)
    faked = {"LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1", **kind}
    with server(home, env=faked) as one:
        yield one, shift


def elapsed(session: HandSession) -> int:
    timer = session.now().timer
    assert timer is not None
    return timer.elapsed_ms


def jumps(session: HandSession) -> list[JumpShape]:
    timer = session.now().timer
    assert timer is not None
    return timer.jumps


def test_a_timer_of_five_hours_is_right_to_a_second_and_runs_out_to_the_millisecond(tmp_path: Path) -> None:
    with shifted(tmp_path, ALL_CLOCKS) as (one, shift):
        session = Moonlock(one.url).start("Focus", duration=5 * HOUR)
        began = time.monotonic()
        for seconds in (3_600, 7_200, 10_800, 14_400, 17_990):
            shift(seconds)
            passed = (time.monotonic() - began + seconds) * 1000
            assert abs(elapsed(session) - passed) < 1000
        shift(18_001)
        eventually(lambda: session.now().status == "completed")
        known = session.now()
        assert known.timer is not None and known.timer.state == "expired"
        assert (known.timer.elapsed_ms, known.timer.jumps) == (5 * HOUR, [])


def test_a_clock_that_is_set_forth_and_back_changes_no_timer_and_is_recorded_and_shown(tmp_path: Path) -> None:
    with shifted(tmp_path, WALL_ALONE) as (one, shift):
        session = Moonlock(one.url).start("Focus", duration=5 * HOUR)
        began = time.monotonic()
        for number, seconds in enumerate((3_600, 0), 1):
            shift(seconds)
            eventually(lambda many=number: len(jumps(session)) == many)  # type: ignore[misc]
            assert abs(elapsed(session) - (time.monotonic() - began) * 1000) < 1000
        forth, back = jumps(session)
        assert (forth.kind, back.kind) == ("clock", "clock")
        assert abs(forth.by_ms - HOUR) < 1000 and abs(back.by_ms + HOUR) < 1000
        shown = moonlock(tmp_path, "session", "show", "Focus").out
        assert "set forward by 1 h" in shown and "set back by 1 h" in shown
        assert session.complete().jumps == [forth, back]
