"""``moonlock doctor``: how each part does, told by the running server or found out here."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from moonlock import __version__
from moonlock.cli.errors import print_out
from moonlock.cli.given import home, settings
from moonlock.cli.helping import examples

if TYPE_CHECKING:
    from moonlock.config.settings import Config
    from moonlock.model.health import Component, Health

STATUS = {"healthy": 0, "degraded": 1, "unhealthy": 2}
MARKS = {"healthy": "ok", "degraded": "warn", "unhealthy": "fail"}
EXAMPLES = examples(
    ("moonlock doctor", "what works and what does not"),
    ("moonlock doctor --json", "the same, for a script"),
)


@click.command(epilog=EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="One JSON document (moonlock.doctor/1).")
def doctor(as_json: bool) -> int:
    """Health of every part, and what to do about it.

    The exit code is 0 when all is well, 1 when a part is degraded, 2 when one is broken.
    """
    from moonlock.cli.runs import living
    from moonlock.config.token import peek

    config = settings({})
    token = peek(config.places.token)
    # A simulation knows nothing of the user's own logs and store.
    run = next((run for run in living(config.places.runs, token) if not run.simulation), None)
    told = None
    if run is not None:
        from moonlock.cli.checks import told_by

        told = told_by(run, token)
    health = completed(told, config) if told else examined(config)
    url = run.url if run is not None and told is not None else None
    print_out(_document(health, url) if as_json else _text(health, url))
    return STATUS[health.status]


def completed(told: Health, config: Config) -> Health:
    """What the server said, and the parts that it does not speak of."""
    from moonlock.cli import checks
    from moonlock.cli.asked import log_environment
    from moonlock.cli.connection import connection
    from moonlock.live import clock
    from moonlock.model.health import Health

    parts = {**told.components, "connection": connection(config, clock.now())}
    parts = {**parts, "prices": told.components.get("prices") or checks.prices(config)}
    return Health({**parts, **_beside_logs(config, log_environment(os.environ, config.claude_config_dir))})


def _beside_logs(config: Config, env: Mapping[str, str]) -> dict[str, Component]:
    """What a server does not tell: files that an agent keeps for itself."""
    from moonlock.cli import keepsakes
    from moonlock.live import clock

    return {
        "plan": keepsakes.plan(env, home()),
        "statistics": keepsakes.statistics(env, home()),
        "settings": keepsakes.settings(config, env, home(), clock.now()),
    }


def examined(config: Config) -> Health:
    """Everything that can be found out without a server."""
    from moonlock.cli import checks
    from moonlock.cli.asked import log_environment
    from moonlock.cli.connection import connection
    from moonlock.live import clock
    from moonlock.live.health import socketio_health
    from moonlock.live.presence import looked
    from moonlock.model.health import Health
    from moonlock.sources import ALL

    env = log_environment(os.environ, config.claude_config_dir)
    return Health(
        {
            "store": checks.store(config),
            "backups": checks.backups(config, clock.now()),
            "sources": checks.sources(config, env, home(), clock.now()),
            "connection": connection(config, clock.now()),
            "quota": checks.quota(config, clock.now()),
            "status": looked(ALL, env, home(), checks.witnesses(config), clock.now()),
            "telemetry": checks.telemetry(config),
            **_beside_logs(config, env),
            "prices": checks.prices(config),
            "page": checks.page(),
            "socketio": socketio_health(),
        }
    )


def _document(health: Health, url: str | None) -> str:
    parts: Mapping[str, Component] = health.components
    document = {
        "schema": "moonlock.doctor/1",
        "status": health.status,
        "version": __version__,
        "running": url,
        "components": {
            name: {
                "status": part.status,
                "summary": part.summary,
                "findings": [{"code": f.code, "message": f.message, "hint": f.hint} for f in part.findings],
            }
            for name, part in parts.items()
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _text(health: Health, url: str | None) -> str:
    from moonlock.outputs.shown import shown

    where = f"running at {url}" if url else "not running"
    lines = [f"Moonlock {__version__} is {health.status} ({where})", ""]
    width = max(map(len, health.components))
    for name, part in health.components.items():
        lines.append(f"{MARKS[part.status]:4}  {name:{width}}  {shown(part.summary)}")
        for finding in part.findings:
            lines.append(f"      {'':{width}}  - {shown(finding.message)}")
            if finding.hint:
                lines.append(f"      {'':{width}}    {shown(finding.hint)}")
    return "\n".join(lines)
