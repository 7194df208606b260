"""Sessions that nobody ran: log lines in Claude Code's format, for the simulation and its screenshots."""

from __future__ import annotations

import json
from datetime import datetime
from random import Random


def line(number: int, at: datetime, luck: Random) -> bytes:
    """The log line of one response; the same ``luck`` gives the same line."""
    usage = {
        "input_tokens": luck.randint(1, 400),
        "output_tokens": luck.randint(50, 2_000),
        "cache_creation_input_tokens": luck.randint(0, 4_000),
        "cache_read_input_tokens": luck.randint(5_000, 60_000),
    }
    message = {"id": f"demo-{number}", "model": "claude-demo", "usage": usage, "content": []}
    head = {"type": "assistant", "sessionId": "demo", "requestId": f"demo-{number}", "timestamp": at.isoformat()}
    return json.dumps({**head, "message": message}).encode() + b"\n"
