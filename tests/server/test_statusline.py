"""The door for status lines: answers before it looks, whatever is sent."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from litestar.testing import TestClient
from server.small_house import SmallHouse
from server.test_manual import caller_of, refused
from status_lines import body

from moonlock.outputs import statusline
from moonlock.server.page import Page
from moonlock.server.site import Site

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


@pytest.mark.parametrize(
    ("said", "shown"),
    [(body(), "8% é my-session"), (b"{}", ""), (b"{broken", ""), (b"[" * 9_000, ""), (b"\xff\x00", "")],
    ids=["whole", "empty", "broken", "deep", "bytes"],
)
def test_the_answer_has_the_line(house: SmallHouse, said: bytes, shown: str) -> None:
    site = Site(Page({}), draw=partial(statusline.drawn, "{ctx} é {name}", False))
    with caller_of(house, site) as client:
        answer = client.post(PATH, content=said, headers=JSON)
    assert (answer.status_code, bytes.fromhex(answer.headers["moonlock-drawn"]).decode()) == (204, shown)


def test_of_what_is_long_to_read_the_line_is_not_drawn_while_others_wait(house: SmallHouse) -> None:
    site = Site(Page({}), draw=partial(statusline.drawn, "", False))
    with caller_of(house, site) as client:
        answer = client.post(PATH, content=b" " * 64_001, headers=JSON)
    assert (answer.status_code, answer.headers.get("moonlock-drawn")) == (204, None)
