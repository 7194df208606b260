"""What is said of a long reading while it lasts."""

from __future__ import annotations

from moonlock.cli.bar import pace


def test_the_rest_takes_as_long_as_what_was_read_did() -> None:
    assert pace(2.0, 50_000_000, 200_000_000) == "25.0 MB/s, 0:06 left"
    assert pace(30.0, 1_000_000, 3_100_000) == "33 KB/s, 1:03 left"


def test_before_anything_was_read_nobody_can_tell() -> None:
    assert pace(0.0, 0, 5) == pace(1.0, 0, 5) == pace(0.0, 5, 5) == ""
