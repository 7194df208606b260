"""The warm path of ``usage … --json``: answered before Click, Rich, YAML or asyncio are imported.

Status bars and scripts ask for it all day long, so its start-up is budgeted: tests/cli/test_quick.py holds what it may
load. Whatever this reader of options does not know is left to the full one, which knows all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from moonlock.cli import memo
from moonlock.cli.asked import Asked, checked, home, plain
from moonlock.cli.errors import Trouble, print_out, tell


def answered(words: Sequence[str]) -> int | None:
    """The exit code when the question was answered here; None when it is not an everyday one."""
    asked = plain(words)
    if asked is None or not asked.as_json:
        return None
    try:
        # What "the last days" are depends on the clock, so that question is answered anew each time.
        known = None if asked.last else memo.known_answer(words, os.environ, home())
        print_out(_made(words, asked) if known is None else known)
    except Trouble as trouble:
        tell(trouble.code, trouble.message, trouble.hint, as_json=True)
        return trouble.status
    except OSError as failure:
        tell("failed", str(failure), "`moonlock doctor` says how each part does", as_json=True)
        return 2
    return 0


def _made(words: Sequence[str], asked: Asked) -> str:
    """The document, from what the logs say now; kept for the next time."""
    _load_msgspec()
    from moonlock.cli.given import settings
    from moonlock.cli.prices import files
    from moonlock.cli.report import made, roots
    from moonlock.outputs import json

    config = settings({"timezone": asked.timezone})
    searched = roots(config, os.environ, home())
    logs = memo.fingerprint(searched)  # taken before the logs are read: what comes later is seen as a change
    answer = json.render(made(checked(asked), config, os.environ, home()))
    if not asked.last:
        store = str(config.db)
        watched = (str(config.places.config_file), *files(config), store, f"{store}-wal")
        memo.remember(words, os.environ, home(), memo.Depends(logs, searched, watched), answer)
    return answer


def _load_msgspec() -> None:
    """Import msgspec without typing_extensions, which it prefers but does not need: half of its 50 ms."""
    if "typing_extensions" in sys.modules:
        return
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # makes its import fail at once
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]


def leave(status: int) -> NoReturn:
    """End at once: nothing is left to close, and taking the interpreter apart costs 5 ms."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
