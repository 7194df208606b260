"""The server put together: page, REST and the live line, behind one guard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.exceptions import HTTPException

import moonlock
from moonlock.live.health import socketio_health
from moonlock.model.label import UnfitLabel
from moonlock.server import page, rest, ws
from moonlock.server.access import Access
from moonlock.server.asgi import App
from moonlock.server.errors import (
    known_failure,
    noted,
    store_failure,
    turned_away,
    undecided,
    unfit_words,
    unknown_failure,
    unknown_name,
)
from moonlock.server.guard import BODY_BYTES, Guard
from moonlock.server.house import House
from moonlock.server.keys import Keys
from moonlock.server.site import Site
from moonlock.server.socketio import SocketIo, beside
from moonlock.server.tags import tagged
from moonlock.store.errors import (
    AcceptedAlready,
    KeyReused,
    OutOfTime,
    StoreError,
    UnknownName,
    UnknownSuggestion,
    WrongTurn,
)

WEB = Path(moonlock.__file__).parent / "web"


def routes(house: House, site: Site) -> Litestar:
    """The routes alone: nobody may reach them but through the guard."""
    house.condition.put("page", site.page.health)
    handlers: list[Any] = [*page.routes(site.page), *rest.routes(house, site), ws.route(house, site)]
    return Litestar(
        handlers,
        openapi_config=None,  # rest.py serves it; the framework's pages load scripts from other people's servers
        logging_config=None,
        request_max_body_size=BODY_BYTES,
        exception_handlers={
            HTTPException: known_failure,
            StoreError: store_failure,
            UnknownName: unknown_name,
            WrongTurn: turned_away,
            KeyReused: turned_away,
            OutOfTime: turned_away,
            UnknownSuggestion: undecided,
            AcceptedAlready: undecided,
            UnfitLabel: unfit_words,
            Exception: unknown_failure,
        },
        after_exception=[noted],
    )


def build(house: House, site: Site, access: Access, keys: Keys) -> App:
    """The application as the world may reach it."""
    house.condition.put("socketio", socketio_health())
    whole = beside(tagged(routes(house, site)), SocketIo(house, site))  # type: ignore[arg-type]
    return Guard(whole, access, keys)
