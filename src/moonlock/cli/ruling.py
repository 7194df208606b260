"""Whether what the settings say of alert rules makes sense: more than one field decides that."""

from __future__ import annotations

from moonlock.analytics.rulebook import NOTHING, UnfitRule, checked
from moonlock.analytics.rules import RULES
from moonlock.cli.errors import Trouble
from moonlock.config.settings import Config


def fit_rules(config: Config) -> None:
    """Refuse a rule that makes no sense."""
    for rule in RULES:
        try:
            checked(rule, config.alert_rules.get(rule.id, NOTHING), NOTHING)
        except UnfitRule as unfit:
            said = f"{unfit.field} of {unfit.rule} does not fit (alert_rules from {config.origins['alert_rules']})"
            raise Trouble("bad_setting", said, f"what fits: {unfit.why}") from unfit
