"""Which methods an address has; the framework's own answer knows those of one of its handlers alone."""

from __future__ import annotations

from litestar import Response, route
from litestar.handlers import HTTPRouteHandler


def methods(path: str, *known: str) -> HTTPRouteHandler:
    """Answers OPTIONS. It must be registered before the others, else the framework's answer is there already."""
    allowed = ", ".join(sorted({"OPTIONS", *known}))

    @route(path, http_method="OPTIONS", include_in_schema=False, sync_to_thread=False)
    def options() -> Response[None]:
        return Response(None, status_code=204, headers={"allow": allowed})

    return options
