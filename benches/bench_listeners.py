"""Many clients of the live line under load, and clients whose connections are cut: is a fact lost or told twice?

The server runs as users run it, another process writes the logs, and every client checks what it hears: each fact once,
each number in its place, totals exact. Exit code 1 when one of them missed something without being told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

from bench_latency import used
from corpus import environment, moonlock
from ear import Ear, Reader

STEP = 0.01
"""Seconds between two writes; the sessions take turns."""
TOKENS = 960
LATER, QUIET, PATIENCE = 0.5, 10.0, 60.0
"""Seconds in which a fact could still come twice; without a word until we give up; in all."""


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
    reader = Reader()
    ears = [Ear(url, share, random.Random(chance.random()), reader) for share in shares]
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
    await heard_out(ears, *truth(home, asked.sessions))
    until.set()
    await asyncio.gather(*tasks)
    return ears, share, most


async def heard_out(ears: list[Ear], calls: int, sums: dict[str, int]) -> None:
    """Until every client was told everything and nothing more comes, or nobody hears anything any longer."""
    last, quiet, ended = -1, time.monotonic(), time.monotonic() + PATIENCE
    while time.monotonic() < min(ended, quiet + QUIET):
        heard = sum(ear.seq for ear in ears)
        if heard != last or any(ear.done < ear.cuts for ear in ears):
            last, quiet = heard, time.monotonic()
        elif time.monotonic() > quiet + LATER and not any(ear.wrong(calls, sums) for ear in ears):
            return
        await asyncio.sleep(0.1)


def truth(home: Path, sessions: int) -> tuple[int, dict[str, int]]:
    """Calls that ended while clients listened, and the tokens of each session: counted in the logs."""
    sums, calls = {}, 0
    for number in range(sessions):
        lines = log_of(home, number).read_bytes().splitlines()
        requests = sum(b'"assistant"' in each for each in lines)
        sums[str(number)] = requests * TOKENS
        calls += len(lines) - requests - 1  # the first was before anybody listened
    return calls, sums


def planted(home: Path, sessions: int) -> None:
    """Each session has said one thing already."""
    for number in range(sessions):
        log = log_of(home, number)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(line(number, 0) + line(number, 1))


def told(ears: list[Ear], asked: argparse.Namespace, home: Path) -> int:
    """Prints what came of it; how many clients were told something wrong."""
    calls, sums = truth(home, asked.sessions)
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
    sent = sum(ear.bytes for ear in ears) / len(ears) / asked.seconds / 1000
    print(f"{sum(ear.messages for ear in ears):,} messages to all clients, {sent:,.0f} kB a second to each")
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
        load = os.getloadavg()[0]
        wrong = told(ears, asked, home)
        print(f"the server: {share:.0%} of a core, {memory:.0f} MiB at most; load of the machine {load:.1f}")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
