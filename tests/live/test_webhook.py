"""One message to somebody else, over real connections: what is called, what is not, and when it is enough."""

from __future__ import annotations

import asyncio
import hmac
import re
import ssl
from collections.abc import Callable, Coroutine, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import pytest
from live.receiver import NAME, OK, Answers, Receiver, certificate, receiver, says
from live.test_addresses import REFUSED

from moonlock.live import webhook
from moonlock.live.webhook import Answer, Letter, look_up, post
from moonlock.model.channel import Webhook

T = TypeVar("T")
LETTER = Letter("a1-firing", b'{"schema":"moonlock.alert/1"}', 1_795_161_600_000)
HEAD = b"HTTP/1.1 200 OK\r\n"


async def here(name: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def told(
    answers: Answers, url: str = "http://127.0.0.1:{port}/hook", tls: ssl.SSLContext | None = None, secret: str = ""
) -> tuple[Answer, Receiver]:
    """What a server that answers so makes of a message."""

    async def story() -> tuple[Answer, Receiver]:
        async with receiver(answers, tls) as somebody:
            hook = Webhook(url=url.format(port=somebody.port), secret=secret, allow_private=True)
            return await post(hook, LETTER, here), somebody

    return asyncio.run(story())


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test need not wait for five seconds."""
    monkeypatch.setattr(webhook, "PATIENCE", 0.3)
    yield


def test_a_message_is_signed_so_that_six_lines_can_check_it() -> None:
    answer, somebody = told(says(OK), "http://ann:pw%2F1@127.0.0.1:{port}/hook?key=1", secret="s3cret")
    assert (answer.taken, answer.status, answer.text) == (True, 204, "204")
    ((head, body),) = somebody.heard
    assert somebody.lines == ["POST /hook?key=1 HTTP/1.1"]
    assert body == LETTER.body
    stamp = head["X-Moonlock-Timestamp"]
    seal = hmac.new(b"s3cret", f"{stamp}.".encode() + body, sha256).hexdigest()
    assert hmac.compare_digest(head["X-Moonlock-Signature"], f"sha256={seal}")
    assert stamp == "1795161600"
    assert head["Host"] == f"127.0.0.1:{somebody.port}"
    assert (head["X-Moonlock-Delivery"], head["Content-Type"]) == ("a1-firing", "application/json")
    assert head["Authorization"] == "Basic YW5uOnB3LzE="


def test_the_lines_of_the_manual_know_a_genuine_message() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text("utf-8")
    lines = re.findall(r"```python\n(.*?)```", manual, re.DOTALL)[0]
    known: dict[str, Any] = {}
    exec(lines, known)
    _, somebody = told(says(OK), secret="s3cret")
    ((head, body),) = somebody.heard
    assert known["genuine"]("s3cret", head, body)
    assert not known["genuine"]("other", head, body)
    assert not known["genuine"]("s3cret", head, body + b" ")
    assert not known["genuine"]("s3cret", {**head, "X-Moonlock-Timestamp": "0"}, body)


def test_without_a_secret_nothing_is_signed() -> None:
    _, somebody = told(says(OK))
    assert not {"X-Moonlock-Signature", "Authorization"} & somebody.heard[0][0].keys()


def test_https_calls_the_checked_address_and_asks_for_the_certificate_of_the_name(
    tls: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    answer, somebody = told(says(OK), f"https://{NAME}:{{port}}/x", context)
    assert (answer.status, somebody.heard[0][0]["Host"]) == (204, f"{NAME}:{somebody.port}")
    assert told(says(OK), "https://127.0.0.1:{port}/x", context)[0].status == 204
    other, nobody = told(says(OK), "https://other.example:{port}/x", context)
    assert (other.status, other.again, nobody.heard) == (None, True, [])
    assert other.text.startswith("its certificate is not trusted: Hostname mismatch")


def test_a_certificate_that_nobody_vouches_for_gets_no_message(tls: tuple[ssl.SSLContext, Path]) -> None:
    answer, somebody = told(says(OK), f"https://{NAME}:{{port}}/x", tls[0])
    assert answer.text.startswith("its certificate is not trusted: self")
    assert somebody.heard == []


@pytest.mark.usefixtures("impatient")
def test_who_does_not_speak_tls_gets_no_message() -> None:
    answer, somebody = told(says(OK), f"https://{NAME}:{{port}}/x")
    assert (answer.status, somebody.heard) == (None, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    async def story() -> None:
        async with receiver(says(OK)) as further:
            where = f"Location: http://127.0.0.1:{further.port}/\r\n".encode()
            moved = says(b"HTTP/1.1 %d Moved\r\n" % status, where, b"Content-Length: 0\r\n\r\n")
            async with receiver(moved) as somebody:
                hook = Webhook(url=f"http://127.0.0.1:{somebody.port}/", allow_private=True)
                answer = await post(hook, LETTER, here)
            assert (answer.text, answer.again) == (f"{status}: redirects are not followed", False)
            assert further.met == 0

    asyncio.run(story())


@pytest.mark.parametrize(
    ("status", "again"),
    [
        *((status, False) for status in (200, 400, 401, 404, 410)),
        *((status, True) for status in (408, 425, 429, 500, 503)),
    ],
)
def test_what_may_change_is_tried_again(status: int, again: bool) -> None:
    answer, _ = told(says(b"HTTP/1.1 %d X\r\nContent-Length: 5\r\n\r\nno\x1b[1" % status))
    assert (answer.status, answer.again) == (status, again)
    assert answer.text == f"{status}: no [1"


async def hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while True:
        writer.write(b"x-slow: 1\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def late_body(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"\r\nfirst ")
    await hang(writer)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("slow", [hang, drip])
def test_who_hangs_or_drips_is_left_when_the_time_is_over(slow: Answers) -> None:
    answer, _ = told(slow)
    assert (answer.text, answer.again) == ("no answer within 0.3 seconds", True)


@pytest.mark.usefixtures("impatient")
def test_a_status_counts_though_its_body_never_ends() -> None:
    assert told(late_body)[0].status == 200


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


def test_of_a_huge_answer_little_is_read_and_less_is_shown() -> None:
    answer, _ = told(endless)
    assert (answer.status, answer.text) == (200, "200: " + "x" * 200)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x00\xff" * 100,
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n",
        HEAD + b"x: " + b"y" * 70_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
    ],
    ids=["nothing", "noise", "ssh", "words", "header", "long", "hints"],
)
def test_what_is_no_answer_of_a_web_server_is_said_to_be_none(said: bytes) -> None:
    answer, _ = told(says(said))
    assert (answer.status, answer.again) == (None, True)
    assert answer.text == "what came back is not HTTP" or answer.text.startswith("no connection")


def test_who_is_not_there_is_said_not_to_be() -> None:
    async def story() -> Answer:
        async with receiver(says(OK)) as somebody:
            hook = Webhook(url=f"http://127.0.0.1:{somebody.port}/", allow_private=True)
        return await post(hook, LETTER, here)

    answer = asyncio.run(story())
    assert (answer.again, answer.text.startswith("no connection: ")) == (True, True)


@pytest.mark.parametrize("address", REFUSED)
def test_no_private_address_is_called_whatever_name_leads_there(address: str) -> None:
    """Nobody listens to a connection that is not made: the answer is there before one could be."""
    hook = Webhook(url="https://hook.example/")

    async def leads(name: str, port: int) -> Sequence[str]:
        return ["93.184.216.34", address]

    answer = asyncio.run(post(hook, LETTER, leads))
    assert answer == Answer("not called: the name leads to this machine or into a private network", again=False)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0x7f000001", "2130706433", "127.1", "0177.0.0.1", "[::ffff:7f00:1]"]
)
def test_no_spelling_of_this_machine_is_called(host: str) -> None:
    async def story() -> tuple[Answer, int]:
        async with receiver(says(OK)) as somebody:
            return await post(Webhook(url=f"https://{host}:{somebody.port}/"), LETTER), somebody.met

    answer, met = asyncio.run(story())
    assert (answer.status, met) == (None, 0)
    assert answer.text.startswith(("not called", "no address is known"))


def test_plain_http_is_not_called_by_a_hook_that_may_not() -> None:
    answer = asyncio.run(post(Webhook(url="http://hook.example/"), LETTER, here))
    assert (answer.text, answer.again) == ("not called: only https is", False)


def test_a_name_that_changes_its_mind_is_looked_up_once() -> None:
    """A name that is good when it is checked and bad when it is called (rebinding)."""
    asked: list[str] = []

    async def turns(name: str, port: int) -> Sequence[str]:
        asked.append(name)
        return ["127.0.0.1"]

    async def story() -> None:
        async with receiver(says(OK)) as somebody:
            hook = Webhook(url=f"http://hook.example:{somebody.port}/", allow_private=True)
            assert (await post(hook, LETTER, turns)).taken

    asyncio.run(story())
    assert asked == ["hook.example"]


@pytest.mark.usefixtures("impatient")
def test_a_name_server_that_hangs_is_left_as_well() -> None:
    async def never(name: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    assert asyncio.run(post(Webhook(url="https://a.example/"), LETTER, never)).text.startswith("no answer within")


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with receiver(says(OK)) as proxy, receiver(says(OK)) as somebody:
            for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            hook = Webhook(url=f"http://127.0.0.1:{somebody.port}/", allow_private=True)
            assert (await post(hook, LETTER, here)).taken
            assert (proxy.met, somebody.met) == (0, 1)

    asyncio.run(story())


def ran(work: Callable[[], Coroutine[object, object, T]]) -> T:
    return asyncio.run(work())


def test_names_are_looked_up_where_the_system_says() -> None:
    assert "127.0.0.1" in ran(lambda: look_up("127.0.0.1", 1))
    with pytest.raises(OSError):
        ran(lambda: look_up("no.such.name.invalid", 1))
    with pytest.raises((OSError, UnicodeError)):
        ran(lambda: look_up("x" * 70 + ".invalid", 1))


def test_a_name_that_nobody_knows_is_tried_again() -> None:
    async def unknown(name: str, port: int) -> Sequence[str]:
        raise UnicodeError("label too long")

    async def none(name: str, port: int) -> Sequence[str]:
        return []

    for resolve in (unknown, none):
        answer = asyncio.run(post(Webhook(url="https://a.example/"), LETTER, resolve))
        assert answer == Answer("no address is known for this name")
