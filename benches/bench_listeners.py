"""Many clients of the live line under load, and clients whose connections are cut: is a fact lost or told twice?

The server runs as users run it, another process writes the logs, and every client checks what it hears: each fact once,
each number in its place, totals exact. Exit code 1 when one of them missed something without being told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import re
import subprocess
import sys
import tempfile
import time
from array import array
from collections import Counter
from pathlib import Path
from statistics import quantiles

import msgspec
import websockets
from bench_latency import used
from corpus import environment, moonlock

STEP = 0.01
"""Seconds between two writes; the sessions take turns."""
TOKENS = 960
QUIET_SECONDS = 1.5
PATIENCE = 60.0


class Said(msgspec.Struct):
    """As much of a message as a client needs that checks what it hears."""

    type: str
    seq: int = 0
    to: int = 0
    epoch: str = ""
    at: str = ""
    sessionId: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class Tool(msgspec.Struct):
    id: str
    state: str


class Tokens(msgspec.Struct):
    total: int


class Counted(msgspec.Struct):
    tokens: Tokens


class Used(msgspec.Struct):
    session: Counted
    today: Counted


one = msgspec.json.Decoder(Said).decode
many = msgspec.json.Decoder(list[Said]).decode
tool = msgspec.json.Decoder(Tool).decode
tokens = msgspec.json.Decoder(Used).decode


class Ear:
    """A client that proves by the numbers that it missed nothing; ``cuts`` of its connections are to be cut."""

    def __init__(self, url: str, cuts: int, chance: random.Random) -> None:
        self.url, self.cuts, self.chance = url, cuts, chance
        self.epoch, self.seq = "", 0
        self.resuming = self.anew = False
        self.facts: Counter[tuple[str, str]] = Counter()
        self.totals: dict[str, int] = {}
        self.today = self.gaps = self.resyncs = self.done = 0
        self.delays = array("d")

    async def listen(self, until: asyncio.Event) -> None:
        origin = re.sub("^ws", "http", self.url.removesuffix("/ws"))
        while not until.is_set():
            try:
                async with websockets.connect(self.url, origin=origin, max_size=None, proxy=None) as line:  # type: ignore[arg-type]
                    await self.hear(line, until)
            except websockets.InvalidStatus as refused:  # the server has not noticed yet which of its 64 lines are cut
                if refused.response.status_code != 429:
                    raise
                await asyncio.sleep(0.2)

    async def hear(self, line: websockets.ClientConnection, until: asyncio.Event) -> None:
        """Until the end, or until this connection is to be cut: without a word, as a lost network does it."""
        ends = time.monotonic() + self.chance.uniform(0.05, 0.6) if self.done < self.cuts else float("inf")
        ended = asyncio.ensure_future(until.wait())
        try:
            while not until.is_set():
                heard = asyncio.ensure_future(line.recv(decode=False))
                left = None if ends == float("inf") else max(0.0, ends - time.monotonic())
                await asyncio.wait({heard, ended}, timeout=left, return_when="FIRST_COMPLETED")
                if not heard.done():
                    heard.cancel()
                if not heard.done() or time.monotonic() >= ends:
                    self.done += ends != float("inf")
                    line.transport.abort()
                    return
                await self.take(line, heard.result())
        except websockets.ConnectionClosed:
            return
        finally:
            ended.cancel()

    async def take(self, line: websockets.ClientConnection, body: bytes) -> None:
        now = time.time() * 1000  # noqa: TID251 - compared with the times in the log lines
        for said in many(body) if body[:1] == b"[" else [one(body)]:
            if said.type == "hello":
                if self.epoch == said.epoch and not self.anew:
                    self.resuming = True
                    await line.send(json.dumps({"type": "resume", "epoch": self.epoch, "seq": self.seq}))
                else:
                    self.epoch, self.seq, self.anew, self.resuming = said.epoch, said.seq, False, False
            elif said.type == "resync":
                self.resyncs, self.anew = self.resyncs + 1, True
            elif said.type == "skip":
                self.seq = max(self.seq, said.to)
            elif said.at:
                self.frame(said, now)

    def frame(self, said: Said, now: float) -> None:
        if said.seq <= self.seq:
            return
        if said.seq > self.seq + 1:
            self.gaps += not self.resuming  # what is missed comes with the answer to resume
            return
        late, self.resuming = self.resuming, False
        self.seq = said.seq
        if said.type == "session:tool":
            self.told(said, now, late)
        elif said.type == "session:tokens":
            counted = tokens(said.data)
            self.totals[said.sessionId], self.today = counted.session.tokens.total, counted.today.tokens.total

    def told(self, said: Said, now: float, late: bool) -> None:
        fact = tool(said.data)
        self.facts[fact.id, fact.state] += 1
        if fact.state == "ended" and not late:
            self.delays.append(now - moment(said.at))

    def wrong(self, calls: int, sums: dict[str, int]) -> list[str]:
        """What this client should have heard, and did not; or heard twice."""
        ended = [count for (_, state), count in self.facts.items() if state == "ended"]
        found = [] if self.resyncs or len(ended) == calls else [f"{calls - len(ended)} facts missing"]
        found += [f"{sum(ended) - len(ended)} facts twice"] if max(self.facts.values(), default=1) > 1 else []
        found += [f"{self.gaps} gaps without a word"] if self.gaps else []
        exact = Counter(self.totals.values()) == Counter(sums.values()) and self.today == sum(sums.values())
        return found if exact else [*found, f"totals differ: {self.today:,} of {sum(sums.values()):,}"]


def moment(at: str) -> float:
    """Milliseconds since 1970 of a time on the wire; only the time of day is new each time."""
    day = DAYS.get(at[:10]) or DAYS.setdefault(at[:10], time.mktime(time.strptime(at[:10], "%Y-%m-%d")) - time.timezone)
    return (day + int(at[11:13]) * 3600 + int(at[14:16]) * 60 + float(at[17:-1])) * 1000


DAYS: dict[str, float] = {}


def log_of(home: Path, number: int) -> Path:
    return home / ".claude/projects" / f"-w-{number % 10}" / f"{number:08x}-0000-4000-8000-000000000000.jsonl"


def line(number: int, count: int) -> bytes:
    """Line by line a session calls a tool, and the tool answers."""
    at = time.time()  # noqa: TID251 - a log line carries the time of its writing
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at * 1000) % 1000:03d}Z"
    session = f"{number:08x}-0000-4000-8000-000000000000"
    call = f"toolu_{number}_{count // 2}"
    more: dict[str, object] = {"type": "tool_use", "id": call, "name": "Bash", "input": {}}
    role = "assistant"
    if count % 2:
        role, more = "user", {"type": "tool_result", "tool_use_id": call, "content": "done"}
    message: dict[str, object] = {"role": role, "content": [more]}
    if role == "assistant":
        kinds = {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 900}
        usage = {"input_tokens": 10, "output_tokens": 50, **kinds}
        message |= {"id": f"msg_{number}_{count}", "model": "claude-sonnet-5", "usage": usage}
    said = {"type": role, "sessionId": session, "timestamp": stamp, "requestId": f"req_{number}_{count}"}
    where = {"cwd": f"/w/{number % 10}", "gitBranch": "main", "version": "2.1.219", "uuid": f"{number}-{count}"}
    return json.dumps({**said, **where, "message": message}).encode() + b"\n"


def write(home: Path, sessions: int, rate: float, seconds: float) -> None:
    """Each session's log grows at this rate, all in turn."""
    files = [log_of(home, number).open("ab", buffering=0) for number in range(sessions)]
    written, began = [1] * sessions, time.monotonic()
    done, whole = 0, int(sessions * rate * seconds)
    while done < whole:
        due = min(whole, int((time.monotonic() - began) * sessions * rate))
        for turn in range(done, due):
            number = turn % sessions
            files[number].write(line(number, written[number] + 1))
            written[number] += 1
        done = due
        time.sleep(STEP)


async def followed(url: str, asked: argparse.Namespace, home: Path, pid: int) -> tuple[list[Ear], float, float]:
    """The clients at work while the logs grow; what the server used meanwhile: CPU seconds a second, and MiB."""
    chance, until = random.Random(7), asyncio.Event()
    shares = [asked.cuts // asked.clients + (number < asked.cuts % asked.clients) for number in range(asked.clients)]
    ears = [Ear(url, share, random.Random(chance.random())) for share in shares]
    tasks = [asyncio.create_task(ear.listen(until)) for ear in ears]
    while not all(ear.epoch for ear in ears):
        await asyncio.sleep(0.05)
    writing = multiprocessing.get_context("spawn").Process(
        target=write, args=(home, asked.sessions, asked.rate, asked.seconds)
    )
    (before, _), began, most = used(pid), time.monotonic(), 0.0
    writing.start()
    while writing.is_alive():
        most = max(most, used(pid)[1])
        await asyncio.sleep(0.2)
    share = (used(pid)[0] - before) / (time.monotonic() - began)
    last, quiet = -1, time.monotonic()
    ended = quiet + PATIENCE
    while time.monotonic() < ended and (time.monotonic() < quiet + QUIET_SECONDS or any(e.done < e.cuts for e in ears)):
        heard = sum(ear.seq for ear in ears)
        if heard != last:
            last, quiet = heard, time.monotonic()
        await asyncio.sleep(0.1)
    until.set()
    await asyncio.gather(*tasks)
    return ears, share, most


def planted(home: Path, sessions: int) -> None:
    """Each session has said one thing already."""
    for number in range(sessions):
        log = log_of(home, number)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(line(number, 0) + line(number, 1))


def told(ears: list[Ear], asked: argparse.Namespace, home: Path) -> int:
    """Prints what came of it; how many clients were told something wrong."""
    sums, calls = {}, 0
    for number in range(asked.sessions):
        lines = log_of(home, number).read_bytes().splitlines()
        requests = sum(b'"assistant"' in each for each in lines)
        sums[str(number)] = requests * TOKENS
        calls += len(lines) - requests - 1  # the first was before anybody listened
    bad = [(number, wrong) for number, ear in enumerate(ears) if (wrong := ear.wrong(calls, sums))]
    for number, wrong in bad[:10]:
        print(f"client {number}: {'; '.join(wrong)}")
    delays = sorted(delay for ear in ears for delay in ear.delays)
    if len(delays) > 1:
        cut = quantiles(delays, n=100)
        print(
            f"line to client: p50 {cut[49]:.0f} ms, p99 {cut[98]:.0f} ms, most {delays[-1]:.0f} ms (n={len(delays):,})"
        )
    cuts, resyncs = sum(ear.done for ear in ears), sum(ear.resyncs for ear in ears)
    print(f"{calls:,} facts for each of {len(ears)} clients; {cuts} connections cut, {resyncs} told to begin anew")
    print("nothing lost, nothing twice" if not bad else f"{len(bad)} CLIENTS WERE TOLD SOMETHING WRONG")
    return len(bad)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--rate", type=float, default=10, help="lines a second of each session")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--cuts", type=int, default=0, help="connections that are cut, all clients together")
    return parser.parse_args()


def main() -> int:
    asked = options()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        planted(home, asked.sessions)
        command = [*moonlock(), "start", "--no-browser", "--port", "0"]
        env = environment(home, home / "data")
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout
                text = ""
                while not (found := re.search(r"http://(\S+?:\d+)", text)):
                    text += server.stdout.readline()
                    assert server.poll() is None, "the server did not start"
                time.sleep(1.5)
                ears, share, memory = asyncio.run(followed(f"ws://{found[1]}/ws", asked, home, server.pid))
            finally:
                server.terminate()
                server.wait(10)
        wrong = told(ears, asked, home)
        print(f"the server: {share:.0%} of a core, {memory:.0f} MiB at most")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
