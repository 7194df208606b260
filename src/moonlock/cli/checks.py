"""What ``doctor`` looks at when no server runs: store, logs, prices, page. Each check ends in a Component."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

import moonlock
from moonlock.cli.errors import Trouble
from moonlock.cli.fresh import walks
from moonlock.cli.prices import prices as price_table
from moonlock.cli.runs import Run, asked
from moonlock.config.settings import Config
from moonlock.model.health import Component, Finding, Health
from moonlock.model.reading import DamagedPlace
from moonlock.model.shapes import HealthShape
from moonlock.sources import ALL
from moonlock.store import Store
from moonlock.store.errors import StoreError

WEB = Path(moonlock.__file__).parent / "web"
SHOWN = 5
"""Troubles of one kind that are listed; the rest is counted."""


def told_by(run: Run, token: str | None) -> Health | None:
    """What the running server says of itself; None when it does not answer, or not to us."""
    reply = asked(run.host, run.port, token)
    if reply is None or reply[0] not in (200, 503):
        return None
    try:
        shape = msgspec.json.decode(reply[1], type=HealthShape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return Health(
        {
            name: Component(part.status, part.summary, tuple(Finding(f.code, f.message, f.hint) for f in part.findings))
            for name, part in shape.components.items()
        }
    )


def store(config: Config) -> Component:
    """The store, as it can be read."""
    if not config.db.exists():
        return Component("healthy", f"nothing read yet; it will be at {config.db}")
    try:
        found = Store.read(config.db)
        try:
            return found.health()
        finally:
            found.close()
    except StoreError as failure:
        finding = Finding("store", str(failure), failure.hint)
        return Component("unhealthy", f"cannot be read: {config.db}", (finding,))


def sources(config: Config, env: Mapping[str, str], home: Path) -> Component:
    """Where logs were looked for, what was found, and what of it could not be read."""
    found = list(zip(ALL, walks(env, home), strict=True))
    files = sum(len(walk.found) for _, walk in found)
    places = [
        f"{place.path}: {place.files:,} logs" if place.found else f"{place.path}: not there"
        for _, walk in found
        for place in walk.places
    ]
    troubles = [trouble for _, walk in found for trouble in walk.troubles]
    findings = [Finding("place", said) for said in places] + troubles[:SHOWN]
    if len(troubles) > SHOWN:
        findings.append(Finding("more", f"{len(troubles) - SHOWN:,} more of this kind"))
    if not files:
        hint = "start an agent once; if its logs lie elsewhere, set CLAUDE_CONFIG_DIR"
        findings.append(Finding("no-logs", "no logs found yet", hint))
    findings += _bad_lines(config)
    return Component("degraded" if troubles else "healthy", f"{files:,} logs found", tuple(findings))


def _bad_lines(config: Config) -> list[Finding]:
    if not config.db.exists():
        return []
    try:
        found = Store.read(config.db)
        try:
            places = found.damage(SHOWN)
        finally:
            found.close()
    except StoreError:
        return []  # the store's own check says what is wrong with it
    return [Finding("bad-line", _damage(each)) for each in places]


def _damage(place: DamagedPlace) -> str:
    damage = place.damage
    recovered = f", {damage.recovered} records recovered" if damage.recovered else ""
    return f"{place.path}, byte {damage.offset:,}: {damage.shape}{recovered}"


def prices(config: Config) -> Component:
    """The price table in force."""
    try:
        table = price_table(config)
    except Trouble as wrong:
        return Component("unhealthy", "no prices", (Finding(wrong.code, wrong.message, wrong.hint),))
    origin = config.prices or "the built-in table"
    made = f", made {table.made}" if table.made else ""
    own = f", {len(config.price_overrides)} of your own" if config.price_overrides else ""
    return Component("healthy", f"{len(table.models):,} models in {origin}{made}{own}")


def page() -> Component:
    """The page that the server shows."""
    if (WEB / "index.html").is_file():
        return Component("healthy", "built")
    finding = Finding("page-not-built", "this installation has no page", "install a release, or run `make setup`")
    return Component("degraded", "not built; the API and the commands work without it", (finding,))
