"""How full the window is, by what the log proves and what the names of models say."""

from __future__ import annotations

import pytest

from moonlock.analytics.context import compaction_at, read, window_size
from moonlock.model.limits import ContextWindow
from moonlock.model.session import Tail

NEW = "2.1.215"


def test_nothing_is_shown_before_the_first_response() -> None:
    assert read(Tail(), NEW, {}) is None


def test_used_is_measured_to_the_compaction() -> None:
    found = read(Tail(context=142_000, model="claude-opus-4-5-20251101"), NEW, {})
    assert found == ContextWindow(142_000, 200_000, 25_000, "danger", False)


@pytest.mark.parametrize(
    ("used", "level"),
    [
        (0, "healthy"),
        (100_199, "healthy"),
        (100_200, "warning"),
        (133_599, "warning"),
        (133_600, "danger"),
        (158_649, "danger"),
        (158_650, "critical"),
        (180_000, "critical"),
    ],
)
def test_a_level_is_a_share_of_the_way_to_compaction(used: int, level: str) -> None:
    found = read(Tail(context=used, model="claude-opus-4-5"), NEW, {})
    assert found is not None and found.level == level


def test_what_is_left_is_never_negative() -> None:
    found = read(Tail(context=199_000, model="claude-opus-4-5"), NEW, {})
    assert found is not None and found.until_compaction == 0


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("claude-opus-4-20250514", (200_000, False)),
        ("claude-opus-4-1", (200_000, False)),
        ("claude-opus-4-5-20251101", (200_000, False)),
        ("claude-haiku-4-5-20251001", (200_000, False)),
        ("claude-3-5-haiku-20241022", (200_000, False)),
        ("claude-sonnet-4-20250514", (200_000, True)),
        ("claude-sonnet-4-5", (200_000, True)),
        ("claude-sonnet-4-6", (200_000, True)),
        ("claude-opus-4-6", (200_000, True)),
        ("claude-opus-4-7", (1_000_000, False)),
        ("claude-opus-4-8-20260601", (1_000_000, False)),
        ("claude-opus-5", (1_000_000, False)),
        ("claude-opus-5-5", (1_000_000, False)),
        ("anthropic/claude-opus-5.5", (1_000_000, False)),
        ("claude-sonnet-5-20260701", (1_000_000, False)),
        ("claude-fable-5", (1_000_000, False)),
        ("claude-sonnet-5-5", (1_000_000, True)),
        ("claude-fable-5-2", (1_000_000, True)),
        ("claude-mythos-5", (1_000_000, True)),
        ("claude-haiku-5-5", (1_000_000, True)),
        ("us.anthropic.claude-opus-5", (200_000, True)),
        ("claude-opus-4-8@20260601", (200_000, True)),
        ("claude-opus-4-8[1m]", (1_000_000, False)),
        ("us.anthropic.claude-opus-5[1m]", (1_000_000, False)),
        ("glm-4.6", (200_000, True)),
        ("", (200_000, True)),
    ],
)
def test_a_window_is_told_from_the_models_name(model: str, size: tuple[int, bool]) -> None:
    assert window_size(Tail(model=model), {}) == size


def test_one_large_request_proves_the_large_window() -> None:
    assert window_size(Tail(model="claude-sonnet-4-5", largest_prompt=200_001), {}) == (1_000_000, False)
    assert window_size(Tail(model="claude-sonnet-4-5", context=200_001), {}) == (1_000_000, False)
    assert window_size(Tail(model="claude-sonnet-4-5", largest_prompt=200_000), {}) == (200_000, True)


def test_a_configured_large_window_counts_for_its_model_alone() -> None:
    for configured in ("sonnet[1m]", "claude-sonnet-4.6[1m]", "anthropic/claude-sonnet-4-6[1m]"):
        env = {"ANTHROPIC_MODEL": configured}
        assert window_size(Tail(model="claude-sonnet-4-6"), env) == (1_000_000, True)
        assert window_size(Tail(model="claude-haiku-4-5"), env) == (200_000, False)
    assert window_size(Tail(model="claude-sonnet-4-6"), {"ANTHROPIC_MODEL": "sonnet"}) == (200_000, True)


def test_the_large_window_can_be_switched_off() -> None:
    env = {"CLAUDE_CODE_DISABLE_1M_CONTEXT": "1"}
    assert window_size(Tail(model="claude-opus-5"), env) == (200_000, True)
    assert window_size(Tail(model="claude-opus-5", largest_prompt=300_000), env) == (1_000_000, False)


def test_a_gateways_model_has_the_size_that_was_configured() -> None:
    env = {"CLAUDE_CODE_MAX_CONTEXT_TOKENS": "128000"}
    assert window_size(Tail(model="glm-4.6"), env) == (128_000, True)
    assert window_size(Tail(model="claude-opus-4-5"), env) == (200_000, False)
    for nonsense in ("1", "many", "-5", "1e5", ""):
        assert window_size(Tail(model="glm-4.6"), {"CLAUDE_CODE_MAX_CONTEXT_TOKENS": nonsense}) == (200_000, True)


@pytest.mark.parametrize(
    ("limit", "model", "version", "trigger"),
    [
        (200_000, "claude-opus-4-5", "2.0.76", 155_000),
        (200_000, "claude-opus-4-5", "2.1.20", 155_000),
        (200_000, "claude-opus-4-5", "2.1.25", 167_000),
        (200_000, "claude-opus-4-5", "", 167_000),
        (200_000, "claude-opus-4-5", "dev", 167_000),
        (1_000_000, "claude-sonnet-5-20260701", NEW, 967_000),
        (1_000_000, "claude-opus-5-5", NEW, 1_000_000),
    ],
)
def test_compaction_comes_where_it_was_measured(limit: int, model: str, version: str, trigger: int) -> None:
    assert compaction_at(limit, model, version, {}) == trigger


@pytest.mark.parametrize(
    ("limit", "env", "trigger"),
    [
        (200_000, {"DISABLE_AUTO_COMPACT": "1"}, 200_000),
        (1_000_000, {"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "400000"}, 367_000),
        (200_000, {"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "400000"}, 167_000),
        (200_000, {"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "50000"}, 167_000),
        (200_000, {"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "1e6"}, 167_000),
        (200_000, {"CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "50"}, 100_000),
        (200_000, {"CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "99"}, 167_000),
        (200_000, {"CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "0"}, 167_000),
    ],
)
def test_the_environment_moves_compaction(limit: int, env: dict[str, str], trigger: int) -> None:
    assert compaction_at(limit, "claude-opus-5", NEW, env) == trigger
