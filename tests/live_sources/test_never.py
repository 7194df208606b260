"""What is never done: the file of all prompts and credentials are not opened, and nobody outside is called."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from live.logs import answer, log, prompt, write
from serving import environment

from moonlock.live import clock
from moonlock.model.instant import MINUTE

ROOT = Path(__file__).parents[2]
WATCHED = """
import asyncio, json, os, sys
from pathlib import Path
home, noted = Path(sys.argv[1]), os.open(sys.argv[3], os.O_WRONLY | os.O_CREAT)

def hook(event, said):
    if event in ("open", "socket.connect", "socket.sendto", "socket.getaddrinfo"):
        what = str(said[0]) if event == "open" else repr(said[1:])
        os.write(noted, json.dumps([event, what]).encode() + b"\\n")

sys.addaudithook(hook)
sys.path.insert(0, sys.argv[2])
from live.house import house
from moonlock.cli import main

async def live():
    async with house(home) as opened:
        await opened.engine.caught_up.wait()
        while opened.engine.presence._rolled_at is None or opened.engine.quotas._quota.plan is None:
            await asyncio.sleep(0.02)

asyncio.run(live())
for words in (["sync"], ["doctor"], ["usage", "daily"], ["session", "list"], ["status"]):
    try:
        sys.argv = ["moonlock", *words]
        main()
    except SystemExit:
        pass
"""
SECRET = ("history.jsonl", ".credentials.json")


def test_prompts_and_credentials_are_never_opened_and_nobody_outside_is_called(tmp_path: Path) -> None:
    now = clock.now()
    write(log(tmp_path), prompt(now - MINUTE), answer(now))
    agent = tmp_path / ".claude"
    (agent / "sessions").mkdir()
    for name in SECRET:
        (agent / name).write_text('{"display": "canary", "timestamp": 1, "project": "/w", "sessionId": "s1"}\n')
        (agent / "projects" / name).write_text('{"type": "user", "display": "canary"}\n')
    (agent / "settings.json").write_text("{}")
    (tmp_path / ".claude.json").write_text(json.dumps({"oauthAccount": {"organizationType": "claude_max"}}))
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED, str(tmp_path), str(ROOT / "tests"), str(tmp_path / "seen")],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(tmp_path),
        check=True,
    )
    seen = [json.loads(line) for line in (tmp_path / "seen").read_text().splitlines()]
    opened = [path for event, path in seen if event == "open"]
    assert any(path.endswith(".jsonl") for path in opened) and any(path.endswith(".claude.json") for path in opened)
    assert [path for path in opened if path.endswith(SECRET)] == []
    called = [said for event, said in seen if event != "open" and "127.0.0.1" not in said and "localhost" not in said]
    assert called == []
    assert "canary" not in ran.stdout + ran.stderr


def test_no_address_of_a_provider_stands_in_the_program() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text("utf-8")
        assert not any(word in text for word in ("api.anthropic.com", "oauth-2025", ".credentials.json")), path
