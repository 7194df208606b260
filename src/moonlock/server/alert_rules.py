"""Rules of alerts and the channels that call somebody, over HTTP. Addresses are the settings file's alone."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import get, post, put
from litestar.params import JSONBody, PathParameter, RawBody
from msgspec import UNSET, Meta, UnsetType

from moonlock.analytics.rulebook import UnfitRule
from moonlock.config.alerting import LARGEST, LONGEST_TIME, shown_url
from moonlock.live import clock
from moonlock.live.rehearsal import MOST_DAYS, SHOWN, UNKNOWN, Span, firings, past
from moonlock.live.rulebook import UnknownRule, rule_shape
from moonlock.model.alert import Severity
from moonlock.model.alert_channel_shapes import ChannelList, ChannelShape, PreviewShape, TestShape
from moonlock.model.alert_shapes import RuleList
from moonlock.model.channel import Webhook
from moonlock.model.instant import DAY, iso
from moonlock.server.bodies import decoded, readable
from moonlock.server.errors import Problem, Refusal, refusals
from moonlock.server.house import House
from moonlock.server.methods import methods

RULES, CHANNELS = "/api/alert-rules", "/api/alert-channels"
USUAL_DAYS, MOST_RULES = 7, 50
NO_RULE = Refusal(404, "no_such_rule", "No rule has this id.", "GET /api/alert-rules lists all of them.")
NO_CHANNEL = Refusal(404, "no_such_channel", "No channel has this id.", "GET /api/alert-channels lists all of them.")
Level = Annotated[float, Meta(ge=0, le=LARGEST, description="in the rule's measure")]
Time = Annotated[int, Meta(ge=0, le=LONGEST_TIME, description="milliseconds")]
Name = Annotated[str, Meta(min_length=1, max_length=80, examples=["budget-80"])]
ChannelId = Annotated[str, PathParameter(description="as GET /api/alert-channels names it", max_length=80)]


class RuleSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change of a rule; what is not named stays, null takes back what a person said before."""

    id: Name
    enabled: bool | UnsetType | None = UNSET
    threshold: Level | UnsetType | None = UNSET
    clear: Level | UnsetType | None = UNSET
    """On the good side of the threshold; only beyond it an alert is over. It moves along with the threshold."""
    hold: Time | UnsetType | None = UNSET
    cooldown: Time | UnsetType | None = UNSET
    severity: Severity | UnsetType | None = UNSET


class RulesSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Each rule once."""

    rules: Annotated[list[RuleSaid], Meta(max_length=MOST_RULES)]


class RuleTried(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule as it might be; what is not named is as it is now."""

    rule: Name
    days: Annotated[int, Meta(ge=1, le=MOST_DAYS)] = USUAL_DAYS
    threshold: Level | UnsetType | None = UNSET
    clear: Level | UnsetType | None = UNSET
    hold: Time | UnsetType | None = UNSET
    cooldown: Time | UnsetType | None = UNSET


def routes(house: House) -> list[Any]:
    """Every route of rules and channels."""
    return [*rules(house), preview(house), *channels(house)]


def rules(house: House) -> list[Any]:
    @get(RULES, responses=refusals(), sync_to_thread=False)
    def in_force() -> RuleList:
        """Every rule as it is in force, and who said so: the default, the settings, or a person."""
        return _listed(house)

    @put(RULES, before_request=readable, responses=refusals(400, 404, 408, 413, 415))
    async def change(data: JSONBody[RulesSaid], body: RawBody) -> RuleList:
        """Change rules, all that are named or none; every rule as it is then."""
        said = decoded(body, RulesSaid).rules
        fields = {one.id: _said(one, "id") for one in said}
        if len(fields) < len(said):
            raise Problem(Refusal(400, "bad_parameter", "A rule is named twice.", "Name each rule once."))
        try:
            await house.rulebook.change(fields)
        except (UnknownRule, UnfitRule) as refused:
            raise _refusal(refused) from None
        return _listed(house)

    return [methods(RULES, "GET", "PUT"), in_force, change]


def preview(house: House) -> Any:
    @post(f"{RULES}/preview", status_code=200, before_request=readable, responses=refusals(400, 404, 408, 413, 415))
    async def tried(data: JSONBody[RuleTried], body: RawBody) -> PreviewShape:
        """How often a rule would have fired, had it been like this. Nothing changes."""
        asked = decoded(body, RuleTried)
        try:
            rule = house.rulebook.with_other(asked.rule, _said(asked, "rule", "days"))
        except (UnknownRule, UnfitRule) as refused:
            raise _refusal(refused) from None
        why, now = UNKNOWN.get(rule.id), clock.now()
        span = Span(now - asked.days * DAY, now, house.setup.env)
        if why is None:
            seen = await house.readers.ask(partial(past, rule=rule.id, span=span))
            found = await asyncio.to_thread(firings, rule, seen, span)
        else:
            found = []
        newest = [iso(at) for at in reversed(found[-SHOWN:])]
        return PreviewShape(
            rule=rule.id, days=asked.days, known=why is None, why=why, count=len(found), instants=newest
        )

    return tried


def channels(house: House) -> list[Any]:
    @get(CHANNELS, responses=refusals(), sync_to_thread=False)
    def listed() -> ChannelList:
        """Who is called when an alert fires, and when nobody is."""
        return ChannelList(
            channels=[_channel(name, hook) for name, hook in house.channels.hooks.items()],
            quiet_hours=house.channels.quiet_hours,
            quiet=house.channels.is_quiet(clock.now()),
        )

    @post(f"{CHANNELS}/{{channel_id:str}}/test", status_code=200, responses=refusals(400, 404))
    async def test(channel_id: ChannelId) -> TestShape:
        """Send a message that says that it is a test; what the other side really answered."""
        done = await house.channels.test(channel_id)
        if done is None:
            raise Problem(NO_CHANNEL)
        answer, took = done
        return TestShape(channel=channel_id, sent=answer.taken, status=answer.status, answer=answer.text, took_ms=took)

    return [listed, test]


def _listed(house: House) -> RuleList:
    return RuleList(rules=[rule_shape(rule) for rule in house.rulebook.rules])


def _said(asked: msgspec.Struct, *apart: str) -> dict[str, object]:
    """The fields that were named."""
    named = {field: getattr(asked, field) for field in asked.__struct_fields__ if field not in apart}
    return {field: value for field, value in named.items() if value is not UNSET}


def _refusal(refused: UnknownRule | UnfitRule) -> Problem:
    if isinstance(refused, UnknownRule):
        return Problem(NO_RULE)
    message = f"The {refused.field} of the rule {refused.rule} does not fit."
    return Problem(Refusal(400, "unfit_rule", message, f"What fits: {refused.why}."))


def _channel(name: str, hook: Webhook) -> ChannelShape:
    url, signed = shown_url(hook.url), bool(hook.secret)
    return ChannelShape(id=name, kind="webhook", url=url, signed=signed, allow_private=hook.allow_private)
