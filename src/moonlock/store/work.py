"""What the tool calls of one session were about: files, commands, skills; and where its files lie."""

from __future__ import annotations

import apsw

from moonlock.model.chronicle import Shared
from moonlock.model.toolwork import CommandWork, FileWork
from moonlock.store.commandwork import commands
from moonlock.store.connection import rows
from moonlock.store.filework import files
from moonlock.store.lineage import calls
from moonlock.store.projects import projects
from moonlock.store.sessiontools import skills_of_session


class Work:
    """Questions about the session with this number."""

    def __init__(self, db: apsw.Connection, number: int) -> None:
        self._db, self._number = db, number

    def files(self) -> list[FileWork]:
        """The files that it read and changed, most changed first."""
        return files(self._db, self._number)

    def commands(self) -> list[CommandWork]:
        """The commands that it ran, by their first words, most run first."""
        return commands(self._db, self._number)

    def skills(self) -> list[Shared]:
        """The skills by which its responses worked, dearest first."""
        return skills_of_session(self._db, self._number)

    def called(self) -> dict[str, str]:
        """By what a call wanted of a sub-agent, which one it led to."""
        return calls(self._db, self._number)

    def folders(self) -> tuple[str, ...]:
        """The root of its project and its working directory, as far as they are known."""
        found = rows(self._db, "select cwd from session where id = ?", (self._number,))
        return tuple(filter(None, (projects(self._db)[self._number][1], found[0][0]))) if found else ()
