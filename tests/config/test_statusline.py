"""A template that could not be drawn is refused where it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from moonlock.config.errors import ConfigError
from moonlock.config.load import load
from moonlock.config.statusline import LONGEST, USUAL, WORDS, pieces


def test_the_usual_line_has_known_words_only() -> None:
    assert {word for _, word in pieces(USUAL) if word} <= set(WORDS)
    assert pieces("a {ctx}b") == [("a ", "ctx"), ("b", "")]


def test_a_template_and_its_colour_are_settings(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text('statusline: "{ctx} of {name}"\nstatusline_color: yes\n')
    known = load({}, {"MOONLOCK_HOME": str(tmp_path)}, tmp_path)
    assert (known.statusline, known.statusline_color) == ("{ctx} of {name}", True)


@pytest.mark.parametrize(
    ("said", "hint"),
    [("{cxt}", "did you mean {ctx}?"), ("{ctx", "words in braces among 5h"), ("x" * (LONGEST + 1), "at most 500")],
)
def test_what_is_wrong_is_told(tmp_path: Path, said: str, hint: str) -> None:
    with pytest.raises(ConfigError) as told:
        load({}, {"MOONLOCK_HOME": str(tmp_path), "MOONLOCK_STATUSLINE": said}, tmp_path)
    assert hint in told.value.hint
