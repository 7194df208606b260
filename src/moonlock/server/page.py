"""The built page, read once at the start: a request can only name what is in this list, never a path on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from moonlock.model.health import Component, Finding
from moonlock.server.errors import NOT_BUILT, NOT_FOUND, Problem

TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}
SINGLE = ("favicon.svg", "manifest.webmanifest")
PACKED = {"br": ".br", "gzip": ".gz"}
FOREVER = "public, max-age=31536000, immutable"  # the names of assets carry a hash of what is in them


class PageFile(msgspec.Struct, frozen=True):
    """One file, and what is smaller than it by encoding."""

    type: str
    body: bytes
    packed: dict[str, bytes]


class Page:
    """The files by their path on the server; empty when the page was not built."""

    def __init__(self, files: dict[str, PageFile]) -> None:
        self._files = files

    @classmethod
    def read(cls, folder: Path) -> Page:
        """Everything in the folder of the built page that a browser may have; links lead nowhere."""
        found = [folder / "index.html", *(folder / name for name in SINGLE), *sorted(folder.glob("assets/*"))]
        return cls(
            {
                "/" + path.relative_to(folder).as_posix(): page_file(path)
                for path in found
                if path.suffix in TYPES and path.is_file() and not path.is_symlink()
            }
        )

    @property
    def built(self) -> bool:
        return "/index.html" in self._files

    @property
    def health(self) -> Component:
        if self.built:
            return Component("healthy", "built")
        return Component("degraded", "not built", (Finding(NOT_BUILT.code, NOT_BUILT.message, NOT_BUILT.hint),))

    def find(self, path: str) -> PageFile:
        if not self.built:
            raise Problem(NOT_BUILT)
        if (file := self._files.get(path)) is None:
            raise Problem(NOT_FOUND)
        return file


def page_file(path: Path) -> PageFile:
    """The file with the packed ones beside it."""
    beside = {name: path.with_name(path.name + ending) for name, ending in PACKED.items()}
    packed = {name: other.read_bytes() for name, other in beside.items() if other.is_file() and not other.is_symlink()}
    return PageFile(TYPES[path.suffix], path.read_bytes(), packed)


def accepted(header: str) -> set[str]:
    """The encodings that a browser takes."""
    parts = (part.strip().lower().partition(";") for part in header.split(","))
    return {name.strip() for name, _, weight in parts if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00")}


def answer(request: Request[Any, Any, Any], file: PageFile, cache: str) -> Response[bytes]:
    """The file, packed where it can be."""
    taken = accepted(request.headers.get("accept-encoding", ""))
    packing = next((name for name in PACKED if name in taken and name in file.packed), None)
    headers = {"cache-control": cache} | ({"vary": "Accept-Encoding"} if file.packed else {})
    if packing:
        headers["content-encoding"] = packing
    return Response(file.packed[packing] if packing else file.body, media_type=file.type, headers=headers)


def routes(page: Page) -> list[Any]:
    """The page's own addresses."""

    @get(["/", "/index.html"], include_in_schema=False, sync_to_thread=False)
    def index(request: Request[Any, Any, Any]) -> Response[bytes] | Response[str]:
        if not page.built and "text/html" in request.headers.get("accept", ""):
            text = f"{NOT_BUILT.message}\n{NOT_BUILT.hint}\nWhat it would show is at /api/now.\n"
            return Response(text, media_type="text/plain", status_code=NOT_BUILT.status)
        return answer(request, page.find("/index.html"), "no-store")

    @get([f"/{name}" for name in SINGLE], include_in_schema=False, sync_to_thread=False)
    def single(request: Request[Any, Any, Any]) -> Response[bytes]:
        return answer(request, page.find(request.scope["path"]), "no-store")

    @get("/assets/{name:str}", include_in_schema=False, sync_to_thread=False)
    def asset(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        return answer(request, page.find(f"/assets/{name}"), FOREVER)

    return [index, single, asset]
