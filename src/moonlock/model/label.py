"""What a person calls a session and says of it, and what such words may be."""

from __future__ import annotations

from unicodedata import normalize

import msgspec

LONGEST_NAME, LONGEST_TAG, LONGEST_DESCRIPTION, MOST_TAGS = 80, 40, 2_000, 32
_JOINERS = str.maketrans("", "", "\u200c\u200d")
"""Not shown themselves, but words of some languages and some emoji are written with them."""
_LAYOUT = str.maketrans("", "", "\n\t")


class UnfitLabel(ValueError):
    """A word that cannot be kept; ``hint`` says what can."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Label(msgspec.Struct, frozen=True):
    """A person's words for a session; empty until there are any."""

    name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()


class Relabel(msgspec.Struct, frozen=True):
    """What a person changes of a session; None leaves as it is, an empty word takes away."""

    name: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    hidden: bool | None = None
    """Left out of every list, report and sum; nothing is erased."""


def fit(change: Relabel) -> Relabel:
    """The change as it can be kept: without blanks around words, tags small, in order and once; else UnfitLabel."""
    return Relabel(
        name=None if change.name is None else _name(change.name),
        description=None if change.description is None else _description(change.description),
        tags=None if change.tags is None else _tags(change.tags),
        hidden=change.hidden,
    )


def tag(said: str) -> str:
    """A tag as it can be kept."""
    word = normalize("NFC", said.strip()).casefold()
    if not word or len(word) > LONGEST_TAG or word[0] in "+-" or "," in word or " " in word or not _is_plain(word):
        raise UnfitLabel(
            f"{said!a} cannot be a tag", f"a tag is one word of up to {LONGEST_TAG} characters, without + - ,"
        )
    return word


def line(said: str, longest: int, what: str) -> str:
    """Words of one line as they can be kept; ``what`` they are is said when they cannot."""
    words = normalize("NFC", said.strip())
    if not words or len(words) > longest or not _is_plain(words):
        raise UnfitLabel(f"{said[:40]!a} cannot be {what}", f"it is one line of 1 to {longest} characters")
    return words


def _tags(said: tuple[str, ...]) -> tuple[str, ...]:
    words = tuple(sorted({tag(word) for word in said}))
    if len(words) > MOST_TAGS:
        raise UnfitLabel(f"{len(words)} tags are too many", f"a session has up to {MOST_TAGS}")
    return words


def _name(said: str) -> str:
    name = normalize("NFC", said.strip())
    if len(name) > LONGEST_NAME:
        raise UnfitLabel(f"the name has {len(name)} characters", f"a name has up to {LONGEST_NAME}")
    if not _is_plain(name):
        raise UnfitLabel("the name has characters that cannot be shown", "write it without control characters")
    return name


def _description(said: str) -> str:
    text = normalize("NFC", said.strip().replace("\r\n", "\n"))
    if len(text) > LONGEST_DESCRIPTION:
        raise UnfitLabel(
            f"the description has {len(text):,} characters", f"a description has up to {LONGEST_DESCRIPTION:,}"
        )
    if not _is_plain(text.translate(_LAYOUT)):
        raise UnfitLabel("the description has characters that cannot be shown", "write it without control characters")
    return text


def _is_plain(text: str) -> bool:
    """Only what is shown: control characters could rewrite a terminal, half characters cannot be kept."""
    return text.translate(_JOINERS).isprintable()
