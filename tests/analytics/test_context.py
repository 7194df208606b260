"""How full the window is, by what the log proves and what the names of models say."""

from __future__ import annotations

import pytest

from moonlock.analytics.context import advice, compaction_at, read, trigger_of, window_size
from moonlock.analytics.growth import Growth
from moonlock.model.limits import ContextWindow
from moonlock.model.session import Tail

NEW = "2.1.215"


def test_nothing_is_shown_before_the_first_response() -> None:
    assert read(Tail(), NEW, {}) is None


def test_used_is_measured_to_the_compaction() -> None:
    found = read(Tail(context=142_000, model="claude-opus-4-5-20251101"), NEW, {})
    assert found == ContextWindow(
        142_000, 200_000, 25_000, "danger", False, source="estimated", compacts_at=167_000, compacts_by="estimated"
    )


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
    assert window_size(Tail(model=model), {})[:2] == size


def test_one_large_request_proves_the_large_window() -> None:
    assert window_size(Tail(model="claude-sonnet-4-5", largest_prompt=200_001), {})[:2] == (1_000_000, False)
    assert window_size(Tail(model="claude-sonnet-4-5", context=200_001), {})[:2] == (1_000_000, False)
    assert window_size(Tail(model="claude-sonnet-4-5", largest_prompt=200_000), {})[:2] == (200_000, True)


def test_a_configured_large_window_counts_for_its_model_alone() -> None:
    for configured in ("sonnet[1m]", "claude-sonnet-4.6[1m]", "anthropic/claude-sonnet-4-6[1m]"):
        env = {"ANTHROPIC_MODEL": configured}
        assert window_size(Tail(model="claude-sonnet-4-6"), env)[:2] == (1_000_000, True)
        assert window_size(Tail(model="claude-haiku-4-5"), env)[:2] == (200_000, False)
    assert window_size(Tail(model="claude-sonnet-4-6"), {"ANTHROPIC_MODEL": "sonnet"})[:2] == (200_000, True)


def test_the_large_window_can_be_switched_off() -> None:
    env = {"CLAUDE_CODE_DISABLE_1M_CONTEXT": "1"}
    assert window_size(Tail(model="claude-opus-5"), env)[:2] == (200_000, True)
    assert window_size(Tail(model="claude-opus-5", largest_prompt=300_000), env)[:2] == (1_000_000, False)


def test_a_gateways_model_has_the_size_that_was_configured() -> None:
    env = {"CLAUDE_CODE_MAX_CONTEXT_TOKENS": "128000"}
    assert window_size(Tail(model="glm-4.6"), env)[:2] == (128_000, True)
    assert window_size(Tail(model="claude-opus-4-5"), env)[:2] == (200_000, False)
    for nonsense in ("1", "many", "-5", "1e5", ""):
        assert window_size(Tail(model="glm-4.6"), {"CLAUDE_CODE_MAX_CONTEXT_TOKENS": nonsense})[:2] == (200_000, True)


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


def test_who_says_how_large_the_window_is() -> None:
    assert window_size(Tail(model="claude-opus-5"), {}).source == "estimated"
    assert window_size(Tail(model="claude-opus-5[1m]"), {}).source == "configured"
    assert window_size(Tail(model="claude-sonnet-4-6", largest_prompt=200_001), {}).source == "official"
    assert window_size(Tail(model="glm-4.6"), {"CLAUDE_CODE_MAX_CONTEXT_TOKENS": "128000"}).source == "configured"


@pytest.mark.parametrize(
    ("model", "told", "size"),
    [
        ("claude-opus-4-6", 1_000_000, (1_000_000, False, "official")),
        ("claude-opus-4-6", 200_000, (200_000, True, "official")),
        ("glm-4.6", 131_072, (131_072, False, "official")),
        ("claude-opus-5", 200_000, (1_000_000, False, "estimated")),
        ("claude-opus-4-5", 1_000_000, (200_000, False, "estimated")),
        ("us.anthropic.claude-opus-5", 1_000_000, (1_000_000, False, "official")),
        ("us.anthropic.claude-opus-5", 200_000, (200_000, True, "estimated")),
        ("claude-haiku-5-5", 200_000, (1_000_000, True, "estimated")),
    ],
)
def test_a_statusline_is_asked_last_for_it_was_seen_to_say_too_little(
    model: str, told: int, size: tuple[int, bool, str]
) -> None:
    assert window_size(Tail(model=model), {}, told) == size


def test_a_request_proves_more_than_a_statusline() -> None:
    assert window_size(Tail(model="glm-4.6", largest_prompt=250_000), {}, 200_000) == (1_000_000, False, "official")


def test_without_auto_compaction_the_window_itself_is_the_end() -> None:
    found = read(Tail(context=150_000, model="claude-opus-4-5"), NEW, {"DISABLE_AUTO_COMPACT": "1"})
    assert found is not None
    assert (found.compacts_at, found.compacts_by, found.until_compaction, found.turns) == (None, None, 50_000, None)
    assert advice(found) == "Nothing compacts by itself here: /compact or /clear before the window is full."


def test_the_environment_is_named_where_it_moves_compaction() -> None:
    env = {"CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "50"}
    assert trigger_of(200_000, "claude-opus-4-5", NEW, env) == (100_000, "configured")
    assert trigger_of(200_000, "claude-opus-4-5", NEW, {}) == (167_000, "estimated")


@pytest.mark.parametrize(
    ("seen", "now", "told"),
    [
        (170_000, 20_000, (167_000, "estimated")),  # as the formula says
        (140_000, 20_000, (140_000, "learned")),
        (190_000, 20_000, (190_000, "learned")),
        (140_000, 150_000, (167_000, "estimated")),  # it went past that: no longer true
        (250_000, 20_000, (167_000, "estimated")),  # more than fits
    ],
)
def test_a_session_that_compacted_elsewhere_will_do_it_there_again(seen: int, now: int, told: tuple[int, str]) -> None:
    grown = Growth(prompt=now, model="claude-opus-4-5", learned=("claude-opus-4-5-20251101", seen))
    assert trigger_of(200_000, "claude-opus-4-5", NEW, {}, grown) == told


def test_what_one_model_taught_is_not_said_of_another() -> None:
    grown = Growth(prompt=20_000, learned=("claude-opus-4-5", 140_000))
    assert trigger_of(200_000, "claude-haiku-4-5", NEW, {}, grown) == (167_000, "estimated")


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (50_000, None),
        (110_000, "It will compact by itself in about 57 turns: "),
        (150_000, "It compacts soon: "),
        (165_000, "It compacts at any moment, "),
    ],
)
def test_each_level_has_its_advice(used: int, said: str | None) -> None:
    grown = Growth(steps=(1_000, 1_000, 1_000))
    found = read(Tail(context=used, model="claude-opus-4-5"), NEW, {}, grown)
    assert found is not None
    told = advice(found)
    assert told is None if said is None else told is not None and told.startswith(said)
