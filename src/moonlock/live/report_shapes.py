"""From rows of reports, objectives and prices to what leaves the house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from moonlock.analytics.prices import Entry, LongContext, Price, PriceTable, Rates
from moonlock.live.shapes import cost, tokens_shape
from moonlock.model.chronicle import Shared
from moonlock.model.house_shapes import LongContextShape, PriceShape, RatesShape
from moonlock.model.instant import iso
from moonlock.model.report_shapes import AimShape, ProjectShape, SessionContext, ToolShape
from moonlock.model.rows import Row
from moonlock.model.shapes import SessionShape
from moonlock.store.aims import Aim
from moonlock.store.sessions import usage_from
from moonlock.store.tooltimes import server_of


def project_shape(row: Row) -> ProjectShape:
    name, agents, sums, sessions, shares, extra = row
    usage, facts = usage_from(sums), dict(extra)
    path, trees = facts["path"], facts["worktrees"]
    return ProjectShape(
        name=name,
        path=None if path is None else str(path),
        worktrees=trees if isinstance(trees, int) else 0,
        agents=[*agents],
        models=[model for model, _ in shares],
        sessions=sessions,
        tokens=tokens_shape(usage.tokens),
        cost_usd=cost(usage),
        requests=usage.requests,
        unpriced_tokens=usage.unpriced_tokens,
    )


def tool_shape(row: Row) -> ToolShape:
    name, _, sums, sessions, _, extra = row
    usage, server = usage_from(sums), dict(extra).get("server")
    facts: Mapping[str, int] = {key: value for key, value in extra if isinstance(value, int)}
    return ToolShape(
        name=name,
        server=server if isinstance(server, str) else None,
        calls=facts["calls"],
        failed=facts["failed"],
        denied=facts["denied"],
        open=facts["open"],
        duration_ms=facts["durationMs"],
        p50_ms=facts.get("p50Ms"),
        p95_ms=facts.get("p95Ms"),
        sessions=sessions,
        tokens=tokens_shape(usage.tokens),
        cost_usd=cost(usage),
        requests=usage.requests,
        unpriced_tokens=usage.unpriced_tokens,
    )


def shared(row: Row) -> Shared:
    """A row of the report by tool or by skill, as the details of one session tell it."""
    name, _, sums, _, _, extra = row
    facts: Mapping[str, int] = {key: value for key, value in extra if isinstance(value, int)}
    return Shared(
        name=name,
        calls=facts["calls"],
        failed=facts["failed"],
        denied=facts["denied"],
        open=facts["open"],
        duration=facts["durationMs"],
        usage=usage_from(sums),
        server=server_of(name),
        times=(facts["p50Ms"], facts["p95Ms"]) if "p50Ms" in facts else None,
    )


def aim_shape(aim: Aim) -> AimShape:
    return AimShape(
        id=aim.objective.objective,
        title=aim.objective.title,
        state=aim.objective.state,
        source=aim.objective.source,
        at=iso(aim.objective.at),
        session_id=aim.session,
        session_title=aim.title or None,
        project=aim.project,
    )


def session_context(session: SessionShape) -> SessionContext | None:
    """None for a session whose context nobody knows."""
    if session.context is None:
        return None
    return SessionContext(
        session_id=session.id,
        name=session.name,
        title=session.title,
        project=session.project,
        agent=session.agent,
        model=session.model,
        status=session.status,
        context=session.context,
    )


def price_shapes(table: PriceTable) -> Iterator[PriceShape]:
    """Every price, by the name of the model and then by its day."""
    for model, entry in sorted(table.models.items()):
        for since, price in _periods(entry):
            yield _price_shape(model, since, price, own=model in table.own)


def _periods(entry: Entry) -> Iterator[tuple[date | None, Price]]:
    yield None, entry
    for period in sorted(entry.periods, key=lambda period: period.since):
        yield period.since, period


def _price_shape(model: str, since: date | None, price: Price, *, own: bool) -> PriceShape:
    rates, long = _rates(price), price.long_context
    return PriceShape(
        model=model,
        since=None if since is None else str(since),
        own=own,
        input=rates.input,
        output=rates.output,
        cache_write_5m=rates.cache_write_5m,
        cache_write_1h=rates.cache_write_1h,
        cache_read=rates.cache_read,
        batch=price.batch,
        geo_us=price.geo_us,
        fast=price.fast,
        long_context=None if long is None else _long(long),
    )


def _long(long: LongContext) -> LongContextShape:
    rates = _rates(long)
    return LongContextShape(
        above=long.above,
        input=rates.input,
        output=rates.output,
        cache_write_5m=rates.cache_write_5m,
        cache_write_1h=rates.cache_write_1h,
        cache_read=rates.cache_read,
    )


def _rates(rates: Rates) -> RatesShape:
    """With the cache prices that are left out in the file."""

    def told(rate: float | None) -> float:
        return rates.input if rate is None else rate

    return RatesShape(
        input=rates.input,
        output=rates.output,
        cache_write_5m=told(rates.cache_write_5m),
        cache_write_1h=told(rates.cache_write_1h),
        cache_read=told(rates.cache_read),
    )
