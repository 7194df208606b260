"""``moonlock status``: now, in one line. It is asked for by prompts and bars, before Click is imported (decision 0007).

It never fails for a server: one that is slow, dead or not there makes it say what the store knows, and how old that is.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from moonlock.cli import nearby
from moonlock.cli.asked import home_folder
from moonlock.cli.errors import Trouble, print_out
from moonlock.live import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.config.said import Said
    from moonlock.store import Store

    Told = dict[str, object]

SCHEMA = "moonlock.status/1"
PATIENCE = 400
"""Milliseconds that a server has: a prompt waits meanwhile."""
MOST_ASKED = 2
"""Servers that are tried: each that hangs costs as long."""
PICTURE = ("today", "block", "quota", "forecast")
"""What is handed on of a picture of now, as it is."""
_NOTHING: Told = {"sessions": []}


def answered(words: Sequence[str]) -> int | None:
    """The exit code when the question was answered here; None when it is not a plain one."""
    if words not in ([], ["--json"]):
        return None
    try:
        tell(as_json=bool(words))
    except Trouble:
        return None  # the full path meets it too, and tells it
    except KeyboardInterrupt:
        return 130
    except OSError:
        return 0  # stdout is gone, or full: a prompt must not suffer from it
    return 0


def tell(*, as_json: bool) -> None:
    """The answer on stdout; ``Trouble`` for settings that are wrong."""
    now = clock.now()
    told = found(now)
    if as_json:
        import json

        return print_out(json.dumps(told, ensure_ascii=True, indent=2))
    from sys import stdout

    from moonlock.outputs.status import line

    print_out(line(told, now).encode(stdout.encoding or "utf-8", "replace"))


def found(now: int) -> Told:
    """The document of ``moonlock.status/1``."""
    from moonlock.config import folders
    from moonlock.config.errors import ConfigError
    from moonlock.config.said import said

    home = home_folder()
    try:
        settings = said({}, os.environ, home)
    except ConfigError as wrong:
        raise Trouble(wrong.code, wrong.message, wrong.hint) from wrong
    data = folders.folders(os.environ, home)[1]
    for near in nearby.servers(folders.runs(data), os.environ.get("MOONLOCK_PORT", ""))[:MOST_ASKED]:
        picture = _asked(near, os.path.join(data, "token"))
        if picture is not None:
            return _document("server", picture, picture.get("at"), now)
    path = str(settings.values.get("db", folders.store(data)))
    return _of_store(path, folders.spool(data), settings, now)


def _asked(near: nearby.Near, token: str) -> Told | None:
    """The picture of this server; None when it is not a Moonlock, or does not answer in time."""
    said = nearby.exchange(near, nearby.question(near, "/api/now", _token(token) if near.is_ours else ""), PATIENCE)
    if said is None or said[0] != 200:
        return None
    import json

    try:
        picture = json.loads(said[1])
    except (ValueError, RecursionError):
        return None
    return picture if isinstance(picture, dict) and isinstance(picture.get("sessions"), list) else None


def _of_store(path: str, spool: str, settings: Said, now: int) -> Told:
    if not os.path.isfile(path):
        return _document("none", _NOTHING, None, now)
    from moonlock.live import last_known
    from moonlock.store import Store
    from moonlock.store.errors import StoreError

    try:
        store = Store.read(path)
        try:
            known = last_known.picture(store, _today(settings, now), now)
            picture = {**known, "quota": _limits(store, spool, now)}
        finally:
            store.close()
    except StoreError as failure:
        return _document("none", {**_NOTHING, "trouble": str(failure)}, None, now)
    from moonlock.model.instant import iso

    at = last_known.written(path)
    return _document("store", picture, None if at is None else iso(at), now)


def _limits(store: Store, spool: str, now: int) -> Told | None:
    from moonlock.live import last_limits

    windows = last_limits.plain(store, spool, now)
    if windows is not None:
        return last_limits.told(windows, now)
    from pathlib import Path

    from moonlock.cli import limits

    return limits.document(store, Path(spool), now)


def _document(source: str, picture: Told, at: object, now: int) -> Told:
    sessions = picture["sessions"]
    assert isinstance(sessions, list)
    session = _chosen([each for each in sessions if isinstance(each, dict)])
    return {
        "schema": SCHEMA,
        "source": source,
        "at": at,
        "ageMs": _age(at, now),
        "simulation": picture.get("simulation") is True,
        "session": session,
        **{name: picture.get(name) for name in PICTURE},
        "context": None if session is None else session.get("context"),
        "trouble": picture.get("trouble"),
    }


def _chosen(sessions: Sequence[Told]) -> Told | None:
    """The session of this folder or of one above it; else the first, which was heard of last."""
    try:
        here = os.path.join(os.getcwd(), "")
    except OSError:
        here = ""  # the folder was deleted
    agents = [each for each in sessions if each.get("origin") != "manual"]
    for each in agents:
        cwd = each.get("cwd")
        if isinstance(cwd, str) and cwd and here.startswith(os.path.join(cwd, "")):
            return each
    return next(iter([*agents, *sessions]), None)


def _age(at: object, now: int) -> int | None:
    from datetime import datetime

    from moonlock.model.instant import instant

    try:
        return max(0, now - instant(datetime.fromisoformat(str(at))))
    except (ValueError, TypeError, OverflowError):
        return None


def _today(settings: Said, now: int) -> tuple[int, int]:
    """The local day, as the live page has it."""
    from moonlock.config.zone import local_zone, zone_of
    from moonlock.live.days import Span
    from moonlock.model.instant import DAY, moment

    zone = zone_of(str(settings.values.get("timezone", "")) or local_zone(os.environ))
    day = moment(now).astimezone(zone).date()
    span = Span(day, day, zone)
    return span.start or now, span.end or now + DAY


def _token(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read(1024).strip()
    except (OSError, UnicodeDecodeError):
        return ""
