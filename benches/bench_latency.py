"""From an appended log line to its frame at a WebSocket client, thousands of files watched; then the idle cost.

The server runs as users run it: its own process, its own store, a real socket.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import websockets
from corpus import environment, moonlock, options

FILES, ROUNDS, LIVE, IDLE_SECONDS = 2_600, 300, 50, 20


def line(session: str, number: int, age: float = 0) -> bytes:
    at = time.time() - age  # noqa: TID251 - a log line carries the time of its writing
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at * 1000) % 1000:03d}Z"
    usage = {"input_tokens": 10, "output_tokens": 50, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 900}
    message = {"id": f"msg_{session}{number}", "model": "claude-sonnet-5", "role": "assistant", "usage": usage}
    said = {"type": "assistant", "sessionId": session, "timestamp": stamp, "requestId": f"req_{session}{number}"}
    return json.dumps({**said, "cwd": "/w/bench", "uuid": f"{session}-{number}", "message": message}).encode() + b"\n"


def plant(home: Path) -> list[Path]:
    """Old logs to be watched, a month of them, and sessions that are live now."""
    logs = []
    for number in range(FILES):
        folder = home / ".claude" / "projects" / f"-w-bench-{number % 40}"
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"{number:08x}-0000-4000-8000-000000000000.jsonl"
        log.write_bytes(line(f"{number:08x}", 0, 0 if number < LIVE else number * 1000 + 86_400))
        logs.append(log)
    return logs


async def told(url: str, logs: list[Path]) -> list[float]:
    """Milliseconds from the write of each line to its frame."""
    took = []
    async with websockets.connect(url, origin=re.sub("^ws", "http", url.removesuffix("/ws")), max_size=None) as socket:  # type: ignore[arg-type]
        await socket.recv()
        for number in range(1, ROUNDS + 1):
            log = logs[number % LIVE]
            text = line(log.name[:8], number)
            start = time.perf_counter()
            with log.open("ab") as file:
                file.write(text)
            while not any(frame.get("type") == "session:tokens" for frame in listed(await socket.recv())):
                pass
            took.append((time.perf_counter() - start) * 1000)
            await asyncio.sleep(0.03)
    return took


def listed(said: str | bytes) -> list[dict[str, object]]:
    found = json.loads(said)
    return found if isinstance(found, list) else [found]


def used(pid: int) -> tuple[float, float]:
    """CPU seconds so far and resident MiB of a process (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    options(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        logs = plant(home)
        command = [*moonlock(), "start", "--no-browser", "--port", "0"]
        env = environment(home, home / "data")
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout
                said = ""
                while not (found := re.search(r"http://(\S+?:\d+)", said)):
                    said += server.stdout.readline()
                time.sleep(6)
                took = asyncio.run(told(f"ws://{found[1]}/ws", logs))
                p99 = quantiles(took, n=100)[98]
                print(
                    f"append to frame, {FILES} files watched: p50 {median(took):.2f} ms, p99 {p99:.2f} ms (n={ROUNDS})"
                )
                before, _ = used(server.pid)
                time.sleep(IDLE_SECONDS)
                after, rss = used(server.pid)
                share = (after - before) / IDLE_SECONDS
                print(f"idle, {LIVE} live sessions: {share:.2%} of a core, {rss:.1f} MiB resident")
            finally:
                server.terminate()
                server.wait(10)


if __name__ == "__main__":
    main()
