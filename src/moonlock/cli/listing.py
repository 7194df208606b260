"""What ``moonlock session`` prints: sessions in a list, one with all that is known, and what would go with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from itertools import islice

import msgspec

from moonlock.analytics.aims import counted
from moonlock.analytics.sessions import status
from moonlock.cli import screen
from moonlock.cli.asked import Asked, log_environment
from moonlock.cli.days import span
from moonlock.cli.given import home
from moonlock.config.settings import Config
from moonlock.config.zone import local_zone, zone_of
from moonlock.live import clock
from moonlock.live.preferences import Preferences
from moonlock.live.shapes import Setting, session_shape
from moonlock.model.instant import DAY, Instant, moment
from moonlock.model.session import Session
from moonlock.model.shapes import SessionShape
from moonlock.model.words import many
from moonlock.outputs import sessions
from moonlock.outputs.shown import shown as fit_for_a_screen
from moonlock.sources import ALL
from moonlock.store import Store
from moonlock.store.errors import UnknownName

PAGE = 200


class Wanted:
    """Which sessions, as a person said it."""

    project: str | None = None
    agent: str | None = None
    tag: str | None = None
    since: str | None = None
    limit: int = 30
    deleted: bool = False
    as_json: bool = False

    def __init__(self, **said: object) -> None:
        self.__dict__.update(said)

    def fits(self, session: Session) -> bool:
        """Whether the session is one of them."""
        return (
            _same(self.project, (session.project,))
            and _same(self.agent, (session.key.agent,))
            and _same(self.tag, session.label.tags)
        )


def listed(store: Store, config: Config, wanted: Wanted) -> str:
    """The newest sessions that are wanted, as a table or as JSON."""
    now, zone = clock.now(), _zone(config)
    since = span(Asked(since=wanted.since), zone, now).start or 0
    for kind, name, known in (
        ("project", wanted.project, store.project_names()),
        ("agent", wanted.agent, store.agent_names()),
        ("tag", wanted.tag, store.tags()),
    ):
        if not _same(name, known):
            raise UnknownName(kind, name or "", tuple(known))
    told = _deleted(store, since) if wanted.deleted else _all(store, since)
    found = list(islice(filter(wanted.fits, told), wanted.limit + 1))
    kept = found[: wanted.limit]
    if wanted.as_json:
        shapes = [_shape(store, config, session, now) for session in kept]
        return _document({"schema": "moonlock.sessions/1", "sessions": shapes, "more": len(found) > len(kept)})
    rows = [(session, status(session, now).status) for session in kept]
    more = "there are more: --limit N shows them" if len(found) > len(kept) else ""
    return sessions.listed(rows, zone, more, screen.width(), styled=screen.is_styled())


def shown(store: Store, config: Config, session: Session, *, as_json: bool) -> str:
    """All that is known of the session."""
    now = clock.now()
    if as_json:
        return _document(_shape(store, config, session, now))
    detail = store.detail(session.uid)
    assert detail is not None
    work = store.chronicle(session.uid).work()
    about = sessions.About(
        status=status(session, now),
        models=detail.models,
        branches=detail.branches,
        tools=store.tools(session.uid),
        skills=work.skills(),
        files=work.files(),
        commands=work.commands(),
    )
    goals = [goal.state == "completed" for goal in counted(store.objectives(session.uid))]
    zone = _zone(config)
    facts = [
        *sessions.facts(session, about, zone),
        *(["objectives", f"{sum(goals)} of {len(goals)} done"] for _ in goals[:1]),
        *(["log", f"{log.path}{' (deleted since by the agent)' if log.gone else ''}"] for log in detail.logs),
        *(["also", f"session {copy}: it went on in another folder, or was copied"] for copy in detail.copies),
    ]
    return sessions.described(called(session), [(name, text) for name, text in facts], screen.width())


def going(store: Store, config: Config, session: Session) -> str:
    """What a report loses with the session."""
    usage = session.usage
    cost = sessions.cost_in_words(usage)
    zone = _zone(config)
    detail = store.detail(session.uid)
    assert detail is not None
    days = len({moment(at).astimezone(zone).date() for at in detail.quarters})
    parts = [many(usage.requests, "request"), many(usage.tokens.total, "token"), cost, many(days, "day")]
    helpers = [many(len(session.agents), "sub-agent")] if session.agents else []
    return ", ".join([*parts, *helpers])


def called(session: Session) -> str:
    """The session as a sentence names it."""
    name = session.label.name or session.title
    return fit_for_a_screen(name[:200]) if name else f"Session {session.uid}"


def _zone(config: Config) -> tzinfo:
    return zone_of(config.timezone or local_zone(os.environ))


def _same(wanted: str | None, names: Sequence[str]) -> bool:
    return wanted is None or wanted.casefold() in {name.casefold() for name in names}


def _all(store: Store, since: Instant) -> Iterator[Session]:
    before: tuple[Instant, str] | None = None
    while page := store.sessions(since, PAGE, before):
        yield from page
        before = page[-1].last_at or 0, page[-1].uid


def _deleted(store: Store, since: Instant) -> Iterator[Session]:
    return filter(lambda session: (session.last_at or 0) >= since, store.hidden_sessions())


def _shape(store: Store, config: Config, session: Session, now: Instant) -> SessionShape:
    env: Mapping[str, str] = log_environment(os.environ, config.claude_config_dir)
    if (session.last_at or 0) > now - DAY:  # as a server does; what settings say today is nothing to older ones
        preferences = Preferences(ALL, env, home())
        preferences.look([session.cwd])
        env = preferences.of(session, session.tail.model)
    return session_shape(session, Setting(now, env, store.objectives(session.uid)))


def _document(said: object) -> str:
    return msgspec.json.format(msgspec.json.encode(said), indent=2).decode()
