"""The door for status lines: answers before it looks, whatever is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient
from server.small_house import SmallHouse
from server.test_manual import caller_of, refused
from status_lines import body

from moonlock.config.statusline import USUAL

Client = TestClient[Any]
PATH = "/api/statusline"
JSON = {"content-type": "application/json"}


@pytest.fixture
def house() -> SmallHouse:
    return SmallHouse()


@pytest.fixture
def client(house: SmallHouse) -> Iterator[Client]:
    with caller_of(house) as caller:
        yield caller


@pytest.mark.parametrize("said", [body(), b"{}", b"{broken", b"[" * 9_000, b"\xff\x00", b'"' + b"x" * 250_000 + b'"'])
def test_whatever_comes_is_taken_at_once(client: Client, house: SmallHouse, said: bytes) -> None:
    answer = client.post(PATH, content=said, headers=JSON)
    assert (answer.status_code, answer.content) == (204, b"")
    assert [waiting for waiting, _ in house.samples._waiting] == [said]


def test_what_is_too_large_is_refused(client: Client, house: SmallHouse) -> None:
    assert refused(client.post(PATH, content=b"x" * 256_001, headers=JSON), 413) == "too_large"
    assert not house.samples._waiting


def test_the_answer_says_how_the_line_is_to_look(client: Client, house: SmallHouse) -> None:
    colour, burn, template = client.post(PATH, content=body(), headers=JSON).headers["moonlock-line"].split()
    assert (colour, burn, bytes.fromhex(template).decode()) == ("0", "-", USUAL)


def test_the_settings_reach_the_line(house: SmallHouse) -> None:
    house.setup = msgspec.structs.replace(house.setup, statusline="{ctx} é", statusline_color=True)
    with caller_of(house) as client:
        colour, _, template = client.post(PATH, content=body(), headers=JSON).headers["moonlock-line"].split()
    assert (colour, bytes.fromhex(template).decode()) == ("1", "{ctx} é")
