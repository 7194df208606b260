"""The line repeats what is known and is silent about the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from status_lines import FULL, NOW, said

from moonlock.config.statusline import USUAL, WORDS
from moonlock.outputs.statusline import lasting, line, words_of


def drawn(template: str = USUAL, burn: int | None = 2_140_000, colour: bool = False, **more: object) -> str:
    return line(template, words_of(said(**more), NOW, burn, colour=colour))


def test_everything_on_one_line() -> None:
    assert drawn() == "5h 24% ↺2h10 · 7d 41% ↺3d12h · ctx 8% · $0.42 · $2.14/h · my-session"


def test_parts_that_are_not_known_are_left_out_with_their_separator() -> None:
    assert drawn(rate_limits=None, cost=None, burn=None) == "ctx 8% · my-session"
    assert line(USUAL, words_of(None, NOW, None, colour=False)) == ""
    assert line("moon | {5h}", {}) == "moon"


def test_a_window_that_was_reset_is_no_longer_told() -> None:
    past = {"five_hour": {"used_percentage": 99, "resets_at": NOW // 1000 - 1}}
    assert drawn("5h {5h} · {name}", rate_limits=past) == "my-session"


def test_a_reset_in_milliseconds_is_the_same_reset() -> None:
    seconds, whole = (
        {"five_hour": {"used_percentage": 9, "resets_at": NOW // 1000 * unit + 60 * unit}} for unit in (1, 1000)
    )
    assert drawn("{5h_reset}", rate_limits=seconds) == drawn("{5h_reset}", rate_limits=whole) == "1m"


def test_the_last_request_tells_the_context_and_the_agents_rounding_stands_in_for_it() -> None:
    usage = {"input_tokens": 1, "cache_read_input_tokens": 99_999}
    assert drawn("{ctx}", context_window={"context_window_size": 200_000, "current_usage": usage}) == "50%"
    assert drawn("{ctx}", context_window={"used_percentage": 42}) == "42%"
    assert drawn("{ctx}", context_window={"used_percentage": 24.5}) == "25%"
    assert drawn("{ctx}", context_window={"used_percentage": 0.4}) == "<1%"
    assert drawn("{ctx}", context_window={"used_percentage": 1_000}) == ""


def test_a_session_without_a_name_is_called_like_its_folder() -> None:
    assert drawn("{name} {model} {effort} {project}", session_name=None) == "my-repo Opus high my-repo"
    assert drawn("{name} {model}", session_name=None, workspace=None, cwd="C:\\w\\x", model={"id": "m"}) == "x m"


def test_colour_says_how_full_it_is_and_only_when_asked() -> None:
    assert drawn("{ctx}", colour=True) == "\x1b[32m8%\x1b[0m"
    assert drawn("{ctx}", colour=True, context_window={"used_percentage": 80}) == "\x1b[33m80%\x1b[0m"
    assert drawn("{ctx}", colour=True, context_window={"used_percentage": 95}) == "\x1b[31m95%\x1b[0m"
    assert "\x1b" not in drawn()


def test_no_name_can_speak_to_the_terminal_or_fill_it() -> None:
    assert drawn("{name}", session_name="a\x1b[2Jb\u202ec") == "a\ufffd[2Jbc"
    assert len(drawn("{name}", session_name="x" * 1_000)) == 60


@pytest.mark.parametrize(
    ("left", "words"), [(1, "1m"), (59 * 60_000, "59m"), (60 * 60_000, "1h00"), (86_400_000 * 3 + 3_600_000, "3d1h")]
)
def test_a_time_that_is_left_in_its_largest_units(left: int, words: str) -> None:
    assert lasting(left) == words


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(sorted(FULL)), inner, max_size=3),
    max_leaves=6,
)


@given(JSON, st.sampled_from(sorted(FULL)))
def test_whatever_was_said_the_line_is_one_line(other: object, name: str) -> None:
    for known in (other, {**FULL, name: other}):
        shown = line(" ".join(f"{{{word}}} ·" for word in WORDS), words_of(known, NOW, None, colour=False))
        assert shown.isprintable()
