"""Messages packed once for all clients, and read by each of them as they were."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server.running import running
from server.test_ws import heard, until

from moonlock.server.deflate import PACKER, TAIL, Packer
from moonlock.server.ws import _text

BODIES = st.binary(max_size=5_000) | st.integers(0, 9).map(lambda each: bytes([each]) * 3_000)


@given(st.lists(st.tuples(BODIES, st.integers(9, 15)), max_size=12))
def test_what_is_packed_is_what_was_said(said: list[tuple[bytes, int]]) -> None:
    packer = Packer()
    for body, bits in said:
        packed = packer.pack(body, bits)
        assert zlib.decompressobj(wbits=-bits).decompress(packed + TAIL) == body


def test_the_same_message_is_packed_once() -> None:
    packer = Packer()
    assert len({packer.pack(b"a" * 2_000, 15) for _ in range(50)}) == 1
    assert packer.packed == 1
    packer.pack(b"a" * 2_000, 12)
    assert packer.packed == 2


@pytest.mark.parametrize("compression", ["deflate", None])
def test_many_clients_cost_one_packing_and_hear_the_same(compression: str | None) -> None:
    with (
        running() as server,
        server.live(compression=compression) as one,
        server.live(compression=compression) as two,
        server.live(compression=compression) as three,
    ):
        for line in (one, two, three):
            heard(line)
        begin, before, made = server.house.hub.seq, PACKER.packed, _text.cache_info().misses
        server.tell(100)
        told = [until(line, begin + 100) for line in (one, two, three)]
        assert told[0] == told[1] == told[2]
        packed = PACKER.packed - before
        assert packed == 0 if compression is None else packed < 3 * 100 / 2
        assert _text.cache_info().misses - made < 3 * 100 / 2
