"""Moments as the contract writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from moonlock.model.instant import instant, iso

FIRST, LAST = (instant(datetime(year, 1, 1, tzinfo=UTC)) for year in (1, 9999))


@given(st.integers(FIRST, LAST))
def test_a_moment_is_written_as_iso_with_milliseconds(at: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
    assert iso(at) == moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert instant(datetime.fromisoformat(iso(at))) == at
