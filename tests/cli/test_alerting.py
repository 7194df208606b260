"""What the command line does with settings of alerts: it shows no key, and starts with no rule that makes no sense."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from cli.running import moonlock

from moonlock.cli.errors import Trouble
from moonlock.cli.ruling import fit_rules
from moonlock.config.load import load
from moonlock.model.rule_change import RuleChange


def test_config_show_tells_everything_but_keys(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "config.yaml").write_text(
        "alert_rules: {anomaly: {enabled: no}}\n"
        'alert_webhooks: [{url: "https://ann:s3cret@a.example/hooks/s3cret?key=s3cret", secret: s3cret}]\n'
    )
    for how in ((), ("--json",)):
        said = moonlock(tmp_path, "config", "show", *how, env={"MOONLOCK_HOME": str(own)}).out
        assert "https://a.example/" in said
        assert '"anomaly"' in said
        assert "s3cret" not in said


def test_a_rule_that_makes_no_sense_keeps_the_server_from_starting(tmp_path: Path) -> None:
    said = {"MOONLOCK_ALERT_RULES": '{"budget-80": {"threshold": 0.5, "clear": 0.6}}'}
    told = moonlock(tmp_path, "start", "--no-browser", "--port", "0", env=said, status=2)
    assert "clear of budget-80 does not fit (alert_rules from MOONLOCK_ALERT_RULES)" in told.err
    assert "what fits: not above the threshold, which is 0.5" in told.err


@pytest.mark.parametrize(
    ("rule", "change", "field"),
    [
        ("budget-80", RuleChange(clear=0.9), "clear"),
        ("time-to-limit", RuleChange(clear=1000), "clear"),
        ("overrun", RuleChange(threshold=2), "threshold"),
        ("overrun", RuleChange(threshold=0), "threshold"),
        ("anomaly", RuleChange(threshold=2), "threshold"),
    ],
)
def test_what_a_rule_cannot_be_is_told_by_its_field(rule: str, change: RuleChange, field: str) -> None:
    known = msgspec.structs.replace(load({}, {}, Path("/x")), alert_rules={rule: change})
    with pytest.raises(Trouble, match=f"{field} of {rule}"):
        fit_rules(known)
