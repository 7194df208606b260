"""The token, the tickets that open the page once, and the sessions of browsers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from server.running import BARE, running
from server.small_house import NOW, SmallHouse
from websockets.exceptions import ConnectionClosed

from moonlock.config import token as token_file
from moonlock.model.instant import MINUTE, SECOND
from moonlock.server.access import Access, Exposed, access, is_loopback
from moonlock.server.app import build
from moonlock.server.keys import Keys, sealed, ticket
from moonlock.server.site import Pace, Site


class Watch:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> int:
        return self.at


def keys(watch: Watch, token: str = "s3cret") -> Keys:
    return Keys(lambda: token, watch)


def test_a_ticket_opens_once() -> None:
    watch = Watch()
    door = keys(watch)
    made = ticket("s3cret", watch.at)
    session = door.redeem(made)
    assert session is not None
    assert door.admits(session)
    assert door.redeem(made) is None


def test_a_ticket_lasts_a_minute() -> None:
    watch = Watch()
    door, made = keys(watch), ticket("s3cret", watch.at)
    watch.at += MINUTE
    assert door.redeem(made) is None


def test_a_used_ticket_stays_used_after_a_restart() -> None:
    watch = Watch()
    made = ticket("s3cret", watch.at)
    assert keys(watch).redeem(made)
    watch.at += SECOND
    assert keys(watch).redeem(made) is None


@pytest.mark.parametrize("said", ["", ".", "x", "1-2.3", f"{NOW}-00.{'0' * 64}", "\u00fc.\u00fc"])
def test_what_the_token_did_not_seal_opens_nothing(said: str) -> None:
    door = keys(Watch())
    assert door.redeem(said) is None
    assert not door.admits(said)


def test_a_ticket_of_the_future_opens_nothing() -> None:
    assert keys(Watch()).redeem(ticket("s3cret", NOW + 5)) is None


def test_a_seal_is_good_for_one_purpose() -> None:
    door = keys(Watch())
    assert not door.admits(ticket("s3cret", NOW))
    assert door.redeem(sealed("s3cret", "session", f"{NOW}-00")) is None


def test_a_new_token_ends_all_sessions_and_tickets(tmp_path: Path) -> None:
    file = tmp_path / "data" / "token"
    old = token_file.token(file)
    watch = Watch()
    door = Keys(lambda: token_file.peek(file) or "", watch)
    session = door.redeem(ticket(old, watch.at))
    assert session is not None
    assert door.knows(old, "here")
    new = token_file.rotate(file)
    assert not door.admits(session)
    assert not door.knows(old, "here")
    assert door.knows(new, "here")
    assert door.redeem(ticket(old, watch.at)) is None


def test_a_lost_token_file_lets_nobody_in() -> None:
    door = keys(Watch(), "")
    assert not door.knows("", "here")
    assert not door.admits(sealed("", "session", "one"))
    assert door.redeem(ticket("", NOW)) is None


def test_wrong_tokens_are_forgiven_after_a_minute_and_counted_by_address() -> None:
    watch = Watch()
    door = keys(watch)
    for _ in range(10):
        assert not door.is_tired_of("here")
        door.knows("wrong", "here")
    assert door.is_tired_of("here")
    assert not door.is_tired_of("there")
    watch.at += MINUTE
    assert not door.is_tired_of("here")


def test_so_many_addresses_are_watched_and_no_more() -> None:
    door = keys(Watch())
    for number in range(3_000):
        door.knows("wrong", str(number))
    assert len(door._wrong) == 1024


def page(watch: Watch) -> TestClient[Any]:
    rules = access(("0.0.0.0", 3001))
    app = build(SmallHouse(), BARE, rules, keys(watch))
    return TestClient(app, base_url="http://127.0.0.1:3001")


def test_a_ticket_becomes_a_cookie_that_only_the_server_sees_and_that_lets_the_page_in() -> None:
    watch = Watch()
    with page(watch) as browser:
        assert browser.get("/api/now").status_code == 401
        made = ticket("s3cret", watch.at)
        first = browser.get(f"/?ticket={made}", follow_redirects=False)
        assert (first.status_code, first.headers["location"]) == (303, "/")
        name, *marks = first.headers["set-cookie"].split("; ")
        assert name.startswith("moonlock_3001=")
        assert "s3cret" not in name
        assert sorted(marks) == ["HttpOnly", "Path=/", "SameSite=Strict"]
        assert browser.get("/api/now").status_code == 200
        again = browser.get(f"/?ticket={made}", follow_redirects=False)
        assert (again.status_code, again.json()["error"]["code"]) == (401, "ticket_used")


def test_a_ticket_counts_at_the_page_alone() -> None:
    watch = Watch()
    with page(watch) as browser:
        assert browser.get(f"/api/now?ticket={ticket('s3cret', watch.at)}").status_code == 401
        assert browser.get("/api/now?token=s3cret").status_code == 401


def test_the_refusal_says_how_to_get_in() -> None:
    with page(Watch()) as browser:
        said = browser.get("/health")
        assert said.headers["www-authenticate"] == "Bearer"
        assert "moonlock token" in said.json()["error"]["hint"]


def test_an_open_line_ends_when_its_token_was_withdrawn() -> None:
    with running(Site(BARE.page, pace=Pace(heartbeat=0.1)), auth="always") as server:
        bearer = {"authorization": f"Bearer {server.token}"}
        with server.live(additional_headers=bearer) as line:
            line.recv(5)
            server.token = "another"
            with pytest.raises(ConnectionClosed) as ended:
                while True:
                    line.recv(5)
            assert ended.value.rcvd is not None
            assert ended.value.rcvd.code == 1008


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_loopback_is_open_to_the_page_unless_asked_otherwise(host: str) -> None:
    assert is_loopback(host)
    assert not access((host, 3001)).closed
    assert access((host, 3001), "always").closed
    assert not access((host, 3001), "off").closed


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "fe80::1%eth0", "box.example", ""])
def test_every_other_address_is_closed_and_cannot_be_opened(host: str) -> None:
    assert access((host, 3001)).closed
    with pytest.raises(Exposed) as refused:
        access((host, 3001), "off")
    assert "SSH tunnel" in refused.value.hint


@pytest.mark.parametrize(
    ("rules", "host", "local", "good"),
    [
        (access(("0.0.0.0", 3001)), "192.168.1.5:3001", "192.168.1.5", True),
        (access(("0.0.0.0", 3001)), "192.168.1.5:3002", "192.168.1.5", False),
        (access(("0.0.0.0", 3001)), "192.168.1.6:3001", "192.168.1.5", False),
        (access(("0.0.0.0", 3001)), "box.example:3001", "192.168.1.5", False),
        (access(("::", 3001)), "[2001:db8::1]:3001", "2001:db8::1", True),
        (access(("127.0.0.1", 3001)), "127.0.0.2:3001", "127.0.0.2", False),
        (access(("127.0.0.2", 3001)), "127.0.0.2:3001", "127.0.0.2", True),
        (access(("0.0.0.0", 3001), allowed_hosts=["Box.example"]), "box.example:3001", "", True),
        (access(("0.0.0.0", 3001), allowed_hosts=["box.example"]), "box.example", "", False),
        (access(("0.0.0.0", 3001), allowed_hosts=["box.example:443"]), "box.example", "", True),
        (access(("0.0.0.0", 3001), allowed_hosts=["[2001:db8::9]"]), "[2001:db8::9]:3001", "", True),
        (access(("127.0.0.1", 80)), "127.0.0.1", "", True),
        (access(("127.0.0.1", 80)), "localhost:80", "", True),
        (access(("127.0.0.1", 3001)), "", "", False),
        (access(("0.0.0.0", 3001)), "", "", False),
    ],
)
def test_the_names_it_answers_to(rules: Access, host: str, local: str, good: bool) -> None:
    assert rules.answers_to(host, local) is good
