"""What may be said of alerts in the settings, and that no secret is ever repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from moonlock.analytics.rules import RULES
from moonlock.config.alerting import RULE_IDS, shown_url, shown_webhooks
from moonlock.config.errors import ConfigError
from moonlock.config.load import load
from moonlock.config.settings import Config
from moonlock.model.channel import Webhook
from moonlock.model.rule_change import RuleChange


def written(folder: Path, text: str) -> Config:
    (folder / "config.yaml").write_text(text)
    return load({}, {"MOONLOCK_HOME": str(folder)}, folder)


def test_the_rules_that_settings_know_are_those_there_are() -> None:
    assert tuple(rule.id for rule in RULES) == RULE_IDS


def test_a_file_may_say_everything_of_a_rule_and_of_a_webhook(tmp_path: Path) -> None:
    known = written(
        tmp_path,
        """
alert_rules:
  budget-80: {threshold: 0.7, clear: 0.6, hold: 1000, cooldown: 0, severity: error, enabled: no}
quiet_hours: 22:00-07:00
alert_webhooks:
  - https://a.example/x
  - {url: "http://127.0.0.1:9/x", secret: s3cret, allow_private: true}
""",
    )
    said = RuleChange(enabled=False, threshold=0.7, clear=0.6, hold=1000, cooldown=0, severity="error")
    assert known.alert_rules == {"budget-80": said}
    assert known.quiet_hours == "22:00-07:00"
    private = Webhook(url="http://127.0.0.1:9/x", secret="s3cret", allow_private=True)
    assert known.alert_webhooks == (Webhook(url="https://a.example/x"), private)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("alert_rules: {budgte-80: {}}", "did you mean budget-80?"),
        ("alert_rules: {budget-80: {treshold: 1}}", "did you mean threshold?"),
        ("alert_rules: {budget-80: {threshold: -1}}", "for threshold of budget-80 a number that is not negative"),
        ("alert_rules: {budget-80: {threshold: .nan}}", "for threshold of budget-80 a number that is not negative"),
        ("alert_rules: {budget-80: {threshold: yes}}", "for threshold of budget-80 a number"),
        ("alert_rules: {budget-80: {hold: 1.5}}", "for hold of budget-80 milliseconds"),
        ("alert_rules: {budget-80: {cooldown: 86400001}}", "for cooldown of budget-80 milliseconds"),
        ("alert_rules: {budget-80: {enabled: perhaps}}", "for enabled of budget-80 true or false"),
        ("alert_rules: {budget-80: {severity: bad}}", "for severity of budget-80 one of info, warning, error"),
        ("alert_rules: {budget-80: 1}", "for budget-80 some of enabled, threshold"),
        ("alert_rules: [budget-80]", "rules with what is to be changed"),
        ("quiet_hours: 22:00", "two times of day"),
        ("quiet_hours: 22:00-22:00", "two times of day"),
        ("quiet_hours: 24:00-07:00", "two times of day"),
        ("quiet_hours: '-'", "two times of day"),
        ("alert_webhooks: {}", "a list of up to 10 addresses"),
        ("alert_webhooks: [1]", "for webhook-1 an address, or a table"),
        ("alert_webhooks: [{secret: x}]", "for webhook-1 an address, or a table"),
        ("alert_webhooks: [{url: 'https://a.example', scret: x}]", "did you mean secret?"),
        ("alert_webhooks: [{url: 'https://a.example', secret: [x]}]", "as secret of webhook-1 a text"),
        ("alert_webhooks: ['https://a.example', 'http://a.example/']", "for webhook-2 https; plain http needs"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(text: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        written(tmp_path, text)
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://a.example/",
        "https://",
        "https:///x",
        "//a.example",
        "a.example",
        "https://a.example/ x",
        "https://a.example/\\r\\nHost: evil",
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://[::1/",
        "https://a.example/#s3cret",
        "https://ä.example/",
        f"https://a.example/{'x' * 2000}",
    ],
)
@pytest.mark.parametrize("private", ["true", "false"])
def test_an_address_that_is_none_is_refused_and_not_repeated(url: str, private: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        written(tmp_path, f'alert_webhooks: [{{url: "{url}", secret: s3cret, allow_private: {private}}}]')
    assert "webhook-1" in refused.value.hint
    assert "s3cret" not in refused.value.message + refused.value.hint


def test_the_environment_names_addresses_but_never_private_ones() -> None:
    assert load({}, {"MOONLOCK_ALERT_WEBHOOKS": "https://a.example"}, Path("/x")).alert_webhooks == (
        Webhook(url="https://a.example"),
    )
    for said in ("http://a.example", '[{"url": "https://a.example", "allow_private": true}]'):
        with pytest.raises(ConfigError):
            load({}, {"MOONLOCK_ALERT_WEBHOOKS": said}, Path("/x"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.example/services/T0/B0/s3cret", "https://hooks.example/…"),
        ("https://a.example/?key=s3cret", "https://a.example/…"),
        ("https://a.example?key=s3cret", "https://a.example/…"),
        ("https://a.example/", "https://a.example"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_of_an_address_only_the_place_is_shown_for_many_have_their_key_in_the_path(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_what_is_shown_of_a_webhook_has_no_key_in_it() -> None:
    hook = Webhook(url="https://ann:s3cret@a.example:8443/hook?key=s3cret", secret="s3cret")
    assert shown_webhooks([hook]) == [
        {"id": "webhook-1", "url": "https://a.example:8443/…", "signed": True, "allow_private": False}
    ]
