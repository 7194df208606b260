"""Wires the house: settings, store, engine, server; and says where it is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import msgspec

from moonlock import __version__
from moonlock.analytics.cost import price_of
from moonlock.analytics.prices import PriceTable
from moonlock.cli.asked import log_environment
from moonlock.cli.banner import Where, banner, open_page
from moonlock.cli.catching import writable
from moonlock.cli.errors import Trouble, in_a_line, print_out
from moonlock.cli.fresh import trouble
from moonlock.cli.given import home
from moonlock.cli.log import to_stderr
from moonlock.cli.prices import price_list, prices
from moonlock.cli.ruling import fit_rules
from moonlock.cli.runs import Refused, Run, address, announced, answers, living, of_process
from moonlock.config.places import with_store
from moonlock.config.settings import Config
from moonlock.config.token import peek, token
from moonlock.config.values import WEEKDAYS
from moonlock.config.zone import local_zone, zone_of
from moonlock.live import clock
from moonlock.live.engine import Engine
from moonlock.live.keeping import keep_going
from moonlock.live.setup import Setup
from moonlock.model.quiet import hours
from moonlock.outputs import statusline
from moonlock.server.access import Access, Exposed, access
from moonlock.server.app import WEB, build
from moonlock.server.bind import CannotBind, bind
from moonlock.server.everything import shown
from moonlock.server.keys import Keys, ticket
from moonlock.server.page import Page
from moonlock.server.serve import serve
from moonlock.server.site import Pace, Site
from moonlock.sources import ALL
from moonlock.sources.claude_code.identity import AGENT
from moonlock.sources.demo import Demo, demo
from moonlock.sources.demo_agent import Doors
from moonlock.store import Store
from moonlock.store.errors import StoreError, StoreLocked

log = logging.getLogger("moonlock.cli")


class Plan(msgspec.Struct, frozen=True):
    """What was asked for."""

    config: Config
    simulation: bool = False
    speed: float = 1.0
    seed: int | None = None
    args: tuple[str, ...] = ()
    browser: bool = False


class Opened(msgspec.Struct, frozen=True):
    """The outside of the house: an address that is taken already, and who may come in."""

    listening: socket.socket
    port: int
    access: Access
    keys: Keys


def served(plan: Plan) -> int:
    """Serve until told to stop; the exit code."""
    _end_well()
    to_stderr(plan.config.log_level)
    fit_rules(plan.config)
    try:
        with contextlib.ExitStack() as stack:
            opened = _opened(plan.config)
            world = stack.enter_context(_world(plan)) if plan.simulation else None
            config = _in_world(plan.config, world) if world else plan.config
            # Taken back last: when the file is gone, port and store are free for the next one.
            stack.enter_context(announced(plan.config.places.runs, _run(plan, opened, config.db)))
            stack.callback(opened.listening.close)
            table = prices(config)
            store = _store(config, table)
            stack.callback(store.close)
            asyncio.run(_live(plan, opened, store, world, table))
    except KeyboardInterrupt:
        pass  # before the server took the signals over, or a second time
    log.info("ended")
    print_out("Moonlock has ended.")
    return 0


def _end_well() -> None:
    """A closed terminal and a request to end are a Ctrl-C: nothing is left behind, whenever they come."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, lambda number, frame: signal.raise_signal(signal.SIGTERM))


def _opened(config: Config) -> Opened:
    """The address first: a taken port is told before any work is done."""
    try:
        listening = bind(config.host, config.port)
    except CannotBind as refused:
        raise _taken(config, refused) from refused
    port: int = listening.getsockname()[1]
    _with_token(config)
    try:
        allowed = access(
            (config.host, port),
            config.auth,
            allowed_hosts=config.allowed_hosts,
            allowed_origins=config.allowed_origins,
        )
    except Exposed as exposed:
        listening.close()
        raise Trouble(exposed.code, exposed.message, exposed.hint) from exposed
    return Opened(listening, port, allowed, Keys(lambda: token(config.places.token), clock.now))


def _with_token(config: Config) -> None:
    """The token is made now, so that it is there for whoever asks."""
    try:
        token(config.places.token)
    except OSError as failure:
        message = f"cannot write {config.places.token}: {failure.strerror}"
        hint = "make its folder writable, or name another with MOONLOCK_HOME"
        raise Trouble("no_data_folder", message, hint) from failure


def _taken(config: Config, refused: CannotBind) -> Trouble:
    """Who has the port: another Moonlock is named, everybody else is a port that is taken."""
    if refused.taken:
        known = answers(config.host, config.port, peek(config.places.token))
        if known is not None:
            where = address(config.host, config.port)
            run = next((run for run in living(config.places.runs, None) if run.port == config.port), None)
            who = f" (pid {run.pid})" if run else "" if isinstance(known, Refused) else f" (version {known.version})"
            apart = "" if run and run.simulation else " --db PATH"  # two cannot keep one store
            hint = f"open it, end it with `moonlock stop`, or start beside it: --port {config.port + 1}{apart}"
            return Trouble("already_running", f"Moonlock is running already at {where}{who}", hint)
    return Trouble(refused.code, refused.message, refused.hint)


def _world(plan: Plan) -> contextlib.AbstractContextManager[Demo]:
    now = clock.now()
    return demo(now if plan.seed is None else plan.seed, now, plan.speed)


def _in_world(config: Config, world: Demo) -> Config:
    """The same settings, with the store of the simulation."""
    own = with_store(config.places, world.store)
    return msgspec.structs.replace(config, db=world.store, places=own)


def _store(config: Config, table: PriceTable) -> Store:
    """The store for writing, at the prices of now; its writer is named when there is one already."""
    try:
        store = writable(config, table, checked=True)
        if store.price_digest() != table.digest:
            store.reprice(price_of(table), table.digest)
    except StoreLocked as locked:
        run = of_process(config.places.runs, locked.pid) if locked.pid is not None else None
        if run is None:
            raise Trouble(
                "locked", in_a_line(str(locked)), "wait until it has ended, or give another store: --db PATH"
            ) from locked
        message = f"Moonlock at {run.url} (pid {run.pid}) uses this store already"
        raise Trouble(
            "already_running", message, "open it, `moonlock stop` it, or give another store: --db PATH"
        ) from locked
    except StoreError as failure:
        raise trouble(failure) from failure
    return store


def _run(plan: Plan, opened: Opened, store: Path) -> Run:
    return Run(
        pid=os.getpid(),
        host=plan.config.host,
        port=opened.port,
        store=str(store.absolute()),
        version=__version__,
        began=clock.now(),
        simulation=plan.simulation,
        args=plan.args,
    )


def _setup(config: Config, table: PriceTable, world: Demo | None) -> Setup:
    """Whose logs are read: the user's, or those of the simulation and nobody else's."""
    name = config.timezone or local_zone(os.environ)
    env: Mapping[str, str] = {} if world else log_environment(os.environ, config.claude_config_dir)
    return Setup(
        env=env,
        home=world.home if world else home(),
        zone=zone_of(name),
        timezone=name,
        version=__version__,
        simulation=world is not None,
        prices=price_list(config, table),
        table=table,
        week_start=WEEKDAYS.index(config.start_of_week),
        batch_interval=config.batch_interval,
        limit=config.limit,
        alert_rules=config.alert_rules,
        quiet_hours=hours(config.quiet_hours),
        webhooks=() if world else config.alert_webhooks,  # nobody is called for what was invented
        spool=None if world else config.places.spool,
    )


async def _live(plan: Plan, opened: Opened, store: Store, world: Demo | None, table: PriceTable) -> None:
    """The house at work: engine, simulation if there is one, and the server, which ends all of it."""
    config = plan.config
    engine = Engine(store, ALL, _setup(config, table, world))
    pace = Pace(config.heartbeat_interval / 1000, config.batch_size)
    draw = partial(statusline.drawn, config.statusline, config.statusline_color)
    site = Site(Page.read(WEB), ws_path=config.ws_path, pace=pace, draw=draw, settings=shown(config))
    app = build(engine, site, opened.access, opened.keys)
    async with engine.running():
        aside = asyncio.create_task(world.live(clock.now, _doors(engine)) if world else _backups(engine))
        try:
            await serve(app, opened.listening, lambda _: _greet(plan, opened))
        finally:
            aside.cancel()
            await asyncio.gather(aside, return_exceptions=True)


def _doors(engine: Engine) -> Doors:
    """What an invented agent says goes where the words of real ones go."""
    return Doors(partial(engine.presence.hear, AGENT), lambda body: engine.samples.offer(body, clock.now()))


async def _backups(engine: Engine) -> None:
    """Daily backups of the user's own store; what a simulation invented needs none."""
    watch = partial(engine.vault.watch, engine.condition)
    await keep_going("backups", watch, partial(engine.condition.failed, "backups"))


def _greet(plan: Plan, opened: Opened) -> None:
    """Say where it is, and show it."""
    config = plan.config
    where = address(config.host, opened.port)
    log.info("started: version %s, process %d, %s, %s", __version__, os.getpid(), where, _mode(plan))
    closed = opened.access.closed
    print_out(banner(Where(where, config.ws_path, _mode(plan), not opened.access.loopback)))
    if plan.browser:
        key = ticket(token(config.places.token), clock.now()) if closed else ""
        open_page(f"{where}/?ticket={key}" if key else where)


def _mode(plan: Plan) -> str:
    if not plan.simulation:
        return "live, from the logs on this machine"
    seed = "" if plan.seed is None else f", seed {plan.seed}"
    return f"simulation, speed {plan.speed:g}{seed}"
