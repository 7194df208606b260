"""What a tool call was about: its file, or the first words of its command, and how many lines changed (decision 0015).

The rest of a command is where secrets stand. So its label takes nothing but names: of the program and, for programs
that are known to have subcommands, of one. Whatever is not plainly such a name makes the label shorter, down to none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from msgspec import Raw

from moonlock.model.toolnames import CHANGING, READING
from moonlock.sources.claude_code.schema import REFUSED
from moonlock.sources.claude_code.words import clean
from moonlock.sources.tailer import digest

FILES = READING | CHANGING
SHELLS = frozenset(("Bash", "PowerShell"))
TOLD = FILES | SHELLS
"""Tools whose input is looked at."""

Subject = tuple[str, int]
"""A path or a label, and the mark of a command."""
Lines = tuple[int | None, int | None]
"""Added and removed; None where the result does not count them."""
NOTHING: Subject = "", 0
UNCOUNTED: Lines = None, None

_LOOKED = 600
"""Bytes of a command in which its label is looked for."""
_MOST_WORDS = 6
_PREPARES = frozenset(("cd", "pushd", "set", "export", "source", "."))
"""What comes before the command that matters."""
_WRAPS = frozenset(("sudo", "env", "time", "nohup", "timeout", "exec", "command", "npx", "bunx", "uvx"))
"""Programs that start the program that is meant. With an option it is not known which word that is."""
_PYTHON = re.compile(r"python[\d.]*|py")
_HAVE_SUBCOMMANDS = frozenset(
    (
        *("git", "gh", "glab", "jj", "hg", "svn", "docker", "podman", "docker-compose", "kubectl", "helm", "terraform"),
        *("npm", "pnpm", "yarn", "bun", "deno", "pip", "pip3", "uv", "poetry", "pipx", "conda", "cargo", "rustup"),
        *("go", "dotnet", "gem", "bundle", "composer", "mix", "flutter", "swift", "brew", "apt", "apt-get", "nix"),
        *("dnf", "tofu", "aws", "gcloud", "az", "fly", "systemctl", "alembic", "ruff", "moonlock"),
    )
)
_PROGRAM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,39}")
_SUBCOMMAND = re.compile(r"[a-z][a-z0-9-]{0,29}")
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_LEADS = _PREPARES | _WRAPS
_PLAIN = re.compile(
    rb'"(?: |\\[nt])*(?:[\x80-\xff]|([A-Za-z0-9_./+-]+)(?: ([a-z][a-z0-9-]{0,29}))?(?=[ ;|<>"]|\\[nt]))'
)
"""One look in place of several, for most commands. What begins with a letter of other alphabets is no program."""
_EMPTY, _QUOTE = len('""'), ord('"')
_AMOUNT = re.compile(r"\d[\d.]*[smhd]?")
_TOKEN = re.compile(
    r"(?:[ \t\r]|\\\r?\n)*"
    r"(?:(?P<note>\#[^\n]*)|(?P<end>[;\n]|&&)|"
    r"(?P<word>(?:[^\s'\"\\;&|<>()`$]++|\$(?![({\['\"])|\$\{\w+\}|\\[^\r\n]|'[^']*'|"
    r"\"(?:[^\"\\`$]|\$(?![({\[])|\$\{\w+\}|\$\([^()'\"`\\]*\)|\\[^\"])*\")++)(?=[\s;&|<>]|\\\r?\n|\Z))",
    re.DOTALL,
)
"""Where it is not plain which quote ends a word, as with quotes within quotes, it is no word, and none follows it."""
_ADDRESS = re.compile(r"\s|.@|(?<!^[A-Za-z]):")
"""What no name of a program has before it: a sentence in quotes, or where something is to be fetched from."""


class _Given(msgspec.Struct, frozen=True, gc=False):
    """The input of a call."""

    file_path: str | None = None
    notebook_path: str | None = None
    command: Raw = Raw()


class _Hunk(msgspec.Struct, frozen=True, gc=False):
    lines: list[Raw] = []


class _Changed(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The result of a call that changed a file."""

    type: str | None = None
    content: Raw = Raw()
    structured_patch: list[_Hunk] | None = None


_decode = msgspec.json.Decoder(_Given).decode
_decode_changed = msgspec.json.Decoder(_Changed).decode


def subject(tool: str, given: Raw) -> Subject:
    """What the call of one of ``TOLD`` is about; nothing where its input has another form."""
    try:
        said = _decode(given)
    except REFUSED:
        return NOTHING
    if tool in FILES:
        return clean(said.file_path or said.notebook_path or ""), 0
    command = bytes(said.command)
    if len(command) <= _EMPTY or command[0] != _QUOTE:
        return NOTHING
    shown = _plainly(command)
    return label(_beginning(command)) if shown is None else shown, digest(command) or 1


def lines(result: Raw) -> Lines:
    """How many lines a result says were added and removed; a new file's are all added, and stand in no patch.

    A patch that only repeats what was there has lost its signs: then nobody counted.
    """
    if b'"structuredPatch"' not in bytes(result):
        return UNCOUNTED
    try:
        told = _decode_changed(result)
        if told.structured_patch is None:
            return UNCOUNTED
        if told.type == "create" and not told.structured_patch:
            return _height(msgspec.json.decode(told.content, type=str)), 0
    except REFUSED:
        return UNCOUNTED
    signs = [bytes(line)[1:2] for hunk in told.structured_patch for line in hunk.lines]
    added, removed = signs.count(b"+"), signs.count(b"-")
    return UNCOUNTED if signs and not added + removed else (added, removed)


def _plainly(command: bytes) -> str | None:
    """The label of a command, still quoted, whose first word says all; None where one must look closer."""
    found = _PLAIN.match(command)
    if found is None:
        return None
    first, second = found[1], found[2]
    if first is None:
        return ""
    program = first.rpartition(b"/")[2].decode()
    if program in _LEADS or _PYTHON.fullmatch(program):
        return None
    if not _PROGRAM.fullmatch(program):
        return ""
    if program in _HAVE_SUBCOMMANDS:
        return f"{program} {second.decode()}" if second else None
    return program


def _beginning(command: bytes) -> str:
    """The first words of a command that is still quoted; cut where no character can be split."""
    head = command[:_LOOKED]
    if len(head) < len(command):
        head = head.rpartition(b" ")[0] + b'"'
    try:
        return msgspec.json.decode(head, type=str)
    except REFUSED:
        return ""


def label(command: str) -> str:
    """The first words of a command that name its program and subcommand; "" where none is plainly a name."""
    meant = (words for words in _commands(command) if words and words[0] not in _PREPARES)
    words = _started(next(meant, []))
    if not words:
        return ""
    program, rest = _name(words[0]), words[1:]
    if _PYTHON.fullmatch(program) and rest[:1] == ["-m"]:
        program, rest = "".join(rest[1:2]), rest[2:]
    if not _PROGRAM.fullmatch(program):
        return ""
    if program == "git":
        rest = _behind_places(rest)
    if program in _HAVE_SUBCOMMANDS and rest and _SUBCOMMAND.fullmatch(rest[0]):
        return f"{program} {rest[0]}"
    return program


def _commands(line: str) -> Iterator[list[str]]:
    """The words of each command in turn without assignments before them, as far as it is plain what is a word."""
    words: list[str] = []
    at = 0
    while len(words) < _MOST_WORDS and (found := _TOKEN.match(line, at)) is not None:
        at, word = found.end(), found["word"]
        if found["end"]:
            yield words
            words = []
        elif word is not None and (words or not _ASSIGNED.match(word)):
            words.append(word)
    yield words


def _started(words: list[str]) -> list[str]:
    """The words from the program on that the others only start."""
    while len(words) > 1 and _name(words[0]) in _WRAPS:
        rest = words[1:]
        while rest and (_ASSIGNED.match(rest[0]) or _AMOUNT.fullmatch(rest[0])):
            del rest[0]
        if not rest or rest[0].startswith("-"):
            break
        words = rest
    return words


def _behind_places(words: list[str]) -> list[str]:
    """What follows git's own options: where to work, and settings."""
    while words and words[0] in ("-C", "-c", "--no-pager"):
        words = words[1 if words[0] == "--no-pager" else 2 :]
    return words


def _name(word: str) -> str:
    """The last part of a program that was given by its path."""
    path = word.strip("'\"")
    return "" if _ADDRESS.search(path) else path.replace("\\", "/").rpartition("/")[2]


def _height(content: str) -> int:
    return content.count("\n") + (not content.endswith("\n")) if content else 0
