"""The quick path of ``moonlock statusline``: takes the agent's JSON, hands it on, prints one line, never fails.

It has 30 ms beside a server and 60 without, so it loads neither Click nor a library for sockets or HTTP (decisions 0007
and 0014). tests/cli/test_statusline.py holds what it may load.
"""

from __future__ import annotations

import gc
import os
import sys

from moonlock.live import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from moonlock.cli.nearby import Near

MOST, MOST_RECORDED = 1 << 20, 256_000
"""Bytes that are read, for the user's own command, and that are recorded."""
PATIENCE, SERVER_PATIENCE = 500, 100
"""Milliseconds that the agent has to say everything, and a server to answer."""
SPOOL, SPOOL_LINE = 1 << 20, 16_000
"""Bytes of the file that waits for a server, which then begins anew, and of a line in it."""
KEPT = (
    *("session_id", "session_name", "transcript_path", "cwd", "workspace", "version", "model", "effort", "fast_mode"),
    *("cost", "context_window", "rate_limits", "prompt_cache"),
)
"""What of the JSON waits for a server."""
ANSWER = b"\r\nmoonlock-drawn:"
"""The header in which the server gives the line, as hexadecimal UTF-8."""
LONGEST = 4_000
"""Characters of a line that a server drew of which no runtime file tells."""
PIPE = 16_384
"""Bytes that every system's pipe takes at once."""
TROUBLES = (
    *(OSError, ValueError, TypeError, LookupError, AttributeError),
    *(ArithmeticError, RecursionError, MemoryError),
)
"""Whatever comes, the agent's line must not suffer from it."""


def answered(words: Sequence[str]) -> int | None:
    """The exit code; None when the words are not those of a status line: mistakes and help are for the full path."""
    then = _then(words)
    if then is None:
        return None
    gc.disable()  # what is made here is small and lives until it is printed
    said, shown = b"", None
    try:
        said = heard()
        shown = told(said)
    except TROUBLES:
        pass  # the line comes all the same
    try:
        if then:
            return handed_on(then, said)
        shown = drawn(said) if shown is None else shown
        sys.stdout.buffer.write(f"{shown}\n".encode("utf-8", "replace"))
        sys.stdout.flush()
    except TROUBLES:
        pass  # nobody reads it, or there is no shell
    return 0


def _then(words: Sequence[str]) -> str | None:
    if not words:
        return ""
    option, joined, value = words[0].partition("=")
    if option != "--then" or len(words) != (1 if joined else 2):
        return None
    return value if joined else words[1]


def heard() -> bytes:
    """What stands on standard input, as far as it comes in time; a person at a terminal is not waited for."""
    if os.isatty(0):
        return b""
    until, pieces, size = clock.monotonic() + PATIENCE, [], 0
    while size < MOST and _comes(until - clock.monotonic()):
        piece = os.read(0, 1 << 16)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _comes(left: int) -> bool:
    if sys.platform == "win32":  # there only sockets can be waited for
        return True
    import select

    return left > 0 and bool(select.select([0], [], [], left / 1000)[0])


def told(said: bytes) -> str | None:
    """Hand it to the server, else leave it for the next one; the line, where the server drew it."""
    from moonlock.cli.nearby import reply, servers
    from moonlock.config import folders

    if not said or len(said) > MOST_RECORDED:
        return None
    data = folders.folders(os.environ, folders.home())[1]
    port = os.environ.get("MOONLOCK_PORT", "")
    for near in [near for near in servers(folders.runs(data), port) if port or not near.simulation][:1]:
        answer = reply(near, _request(near, said, _token(data)), SERVER_PATIENCE)
        if answer[9:12] == b"204":
            line = _given(answer)
            return line if line is None or near.is_ours or is_harmless(line) else None
    leave(folders.spool(data), said)
    return None


def _request(near: Near, said: bytes, token: str) -> bytes:
    host = f"[{near.host}]" if ":" in near.host else near.host
    lines = ["POST /api/statusline HTTP/1.0", f"Host: {host}:{near.port}", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(said)}"]
    lines += [f"Authorization: Bearer {token}"] if token and near.is_ours else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + said


def _token(data: str) -> str:
    try:
        with open(os.path.join(data, "token"), encoding="ascii") as file:
            return file.read(200).strip()
    except OSError:
        return ""


def _given(answer: bytes) -> str | None:
    _, found, rest = answer.partition(ANSWER)
    return bytes.fromhex(rest.partition(b"\r\n")[0].decode("ascii")).decode() if found else None


def is_harmless(line: str) -> bool:
    """Whether it is one short line of text and colours: of a server that may be another user's no more is printed."""
    first, *coloured = line.split("\x1b[")
    codes = [piece.partition("m") for piece in coloured]
    text = "".join((first, *(rest for _, _, rest in codes)))
    colours = all(end and code.replace(";", "").isdigit() for code, end, _ in codes)
    return colours and len(line) <= LONGEST and not any(sign < " " or "\x7f" <= sign < "\xa0" for sign in text)


def leave(path: str, said: bytes) -> None:
    """Append it to the file that the next server reads."""
    import json

    known = json.loads(said)
    kept = {name: known[name] for name in KEPT if name in known}
    line = json.dumps({"at": clock.now(), "said": kept}, separators=(",", ":")).encode() + b"\n"
    if len(line) > SPOOL_LINE:
        return
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    file = os.open(path, flags, 0o600)
    try:
        if os.fstat(file).st_size > SPOOL:
            os.ftruncate(file, 0)
        os.write(file, line)
    finally:
        os.close(file)


def drawn(said: bytes) -> str:
    """The line, with as much as is known without a server."""
    from moonlock.outputs import statusline

    return statusline.drawn(*_manner(), said, clock.now(), None)


def _manner() -> tuple[str, bool]:
    """Template and colour, as this user's settings say."""
    from moonlock.config import folders
    from moonlock.config.errors import ConfigError
    from moonlock.config.said import said

    try:
        values = said({}, os.environ, folders.home()).values
    except (ConfigError, *TROUBLES):
        return "", False
    return str(values.get("statusline", "")), values.get("statusline_color") is True


def handed_on(command: str, said: bytes) -> int:
    """Become the user's own command, which gets the same input; nothing of ours is printed."""
    if sys.platform == "win32":
        import subprocess

        return subprocess.run(command, shell=True, input=said, check=False).returncode
    import signal

    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and what is ignored stays so
    there, here = os.pipe()
    if len(said) <= PIPE:
        os.write(here, said)
    elif os.fork() == 0:
        os.close(there)
        _pour(here, said)
    os.close(here)
    os.dup2(there, 0)
    os.close(there)
    os.execv("/bin/sh", ["sh", "-c", command])


def _pour(pipe: int, said: bytes) -> None:
    try:
        while said:
            said = said[os.write(pipe, said) :]
    finally:
        os._exit(0)
