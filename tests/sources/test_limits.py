"""The provider's refusals in every wording that was seen (claude-code.md, 12)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from claude_lines import TEN, batch, only, synthetic, transcript

from moonlock.model.events import LimitHit
from moonlock.model.instant import instant, iso
from moonlock.sources.claude_code.limits import refusal

MONDAY = instant(datetime(2026, 8, 3, 14, 5, 9, tzinfo=ZoneInfo("UTC")))


@pytest.fixture(autouse=True)
def tokyo() -> Iterator[None]:
    """The machine's own zone, for messages that name none."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Asia/Tokyo"
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


def resets(text: str, at: int = MONDAY) -> str | None:
    found = refusal(text, at)
    assert found is not None
    return iso(found.resets_at)[:16] if found.resets_at is not None else None


@pytest.mark.parametrize(
    ("text", "kind", "at"),
    [
        ("You've hit your session limit · resets 7:20pm (Europe/Brussels)", "session", "2026-08-03T17:20"),
        ("You've hit your session limit · resets 12:50pm (Europe/Paris)", "session", "2026-08-04T10:50"),
        ("You've hit your session limit · resets 3:45pm", "session", "2026-08-04T06:45"),
        ("You've hit your weekly limit · resets Mon 12:00am", "weekly", "2026-08-09T15:00"),
        ("You've hit your weekly limit · resets Tuesday, 9am (UTC)", "weekly", "2026-08-04T09:00"),
        ("You've hit your weekly limit · resets Mon 2pm (UTC)", "weekly", "2026-08-10T14:00"),
        ("You've hit your weekly limit · resets Mon 3pm (UTC)", "weekly", "2026-08-03T15:00"),
        ("You've hit your Opus limit · resets 3:45pm (UTC)", "model", "2026-08-03T15:45"),
        ("Weekly limit reached · resets 10am (Asia/Seoul)", "weekly", "2026-08-04T01:00"),
        ("5-hour limit reached ∙ resets 8pm (UTC)", "session", "2026-08-03T20:00"),
        ("Opus weekly limit reached ∙ resets Oct 6, 1pm (UTC)", "model", "2026-10-06T13:00"),
        ("You've hit your limit · resets Feb 16, 11am (Europe/Berlin)", "unknown", "2027-02-16T10:00"),
        ("You\u2019ve reached your usage limit · resets at 11:30 PM (UTC)", "unknown", "2026-08-03T23:30"),
        ("You've hit your monthly spend limit · raise it at claude.ai/settings/usage?x=1", "spend", None),
        ("You're out of extra usage · resets 4pm (UTC)", "spend", "2026-08-03T16:00"),
        ("Claude AI usage limit reached|1791205200", "session", "2026-10-05T13:00"),
        ("Claude AI usage limit reached|1791205200000", "session", "2026-10-05T13:00"),
        ("You've hit your session limit · resets 7:20pm (Atlantis/Centre)", "session", "2026-08-04T10:20"),
        ("You've hit your session limit · resets 7:20pm (Europe)", "session", "2026-08-04T10:20"),
        ("You've hit your session limit · resets 17:20pm (UTC)", "session", None),
        ("You've hit your session limit · resets 7:99pm (UTC)", "session", None),
        ("You've hit your session limit · resets Feb 30, 1pm (UTC)", "session", None),
        ("You've hit your session limit · resets Dec 31, 1pm (UTC)", "session", "2026-12-31T13:00"),
        ("You've hit your session limit", "session", None),
    ],
)
def test_a_limit_is_told_with_its_kind_and_its_end(text: str, kind: str, at: str | None) -> None:
    found = refusal(text, MONDAY)
    assert found is not None and found.kind == kind
    assert resets(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "API Error: Usage credits required for 1M context · run /usage-credits to turn them on",
        "Context limit reached · /compact or /clear to continue",
        "API Error: Rate limit reached",
        "No response requested.",
        "",
    ],
)
def test_other_refusals_are_no_limit(text: str) -> None:
    assert refusal(text, MONDAY) is None


def test_the_reset_is_after_the_line_even_across_a_change_of_clocks() -> None:
    night = instant(datetime(2026, 10, 25, 0, 30, tzinfo=ZoneInfo("UTC")))
    assert resets("You've hit your session limit · resets 3am (Europe/Berlin)", night) == "2026-10-25T02:00"


def test_only_what_the_client_wrote_itself_can_be_a_limit(tmp_path: Path) -> None:
    from claude_lines import prompted, said

    text = "You've hit your session limit · resets 3:45pm (UTC)"
    lines = [prompted(text), said(content=[{"type": "text", "text": text}])]
    assert only(LimitHit, batch(transcript(tmp_path, *lines))) == []
    (hit,) = only(LimitHit, batch(transcript(tmp_path, synthetic(text, TEN))))
    assert hit.at == TEN and hit.resets_at is not None and iso(hit.resets_at) == "2025-10-05T15:45:00.000Z"
