"""The words that a status line may be made of. Loaded by the quick path: it imports next to nothing."""

from __future__ import annotations

WORDS = ("5h", "5h_reset", "7d", "7d_reset", "ctx", "cost", "burn", "name", "project", "model", "effort")
USUAL = "5h {5h} ↺{5h_reset} · 7d {7d} ↺{7d_reset} · ctx {ctx} · {cost} · {burn} · {name}"
"""How the line looks when nobody says otherwise."""
LONGEST = 500


def pieces(template: str) -> list[tuple[str, str]]:
    """The template in pairs of plain text and the word that follows it; the last word is "".

    ``ValueError`` with the name of what is no word.
    """
    found = []
    rest = template
    while "{" in rest:
        text, _, rest = rest.partition("{")
        word, closed, rest = rest.partition("}")
        if not closed or word not in WORDS:
            raise ValueError(word)
        found.append((text, word))
    return [*found, (rest, "")]
