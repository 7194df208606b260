"""Which project each session belongs to: a root folder, with its worktrees and the places where it lay before.

Found out from all sessions at once, so that the order in which logs were read cannot show. Loads but the driver.
"""

from __future__ import annotations

import apsw

from moonlock.store.connection import rows
from moonlock.store.paths import folder_name, project_folder, project_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    Project = tuple[str, str]
    """The name that is shown, which no other project has, and the root folder; "" when no log names it."""
    Place = tuple[str, str]
    """An agent's folder, and the working directory of a session in it."""
    Row = tuple[int, str, str, str]
    """Number and native id of a session, and its place."""
    Grouping = tuple[dict[int, Project], set[Place]]
    """The project of each session; and the places whose sessions may change projects when they just go on."""

UNIQUE = 16
"""Characters from which on an agent's own id is taken for one that no two sessions get by chance."""


def projects(db: apsw.Connection) -> dict[int, Project]:
    """The project of every session, by the session's number."""
    return grouping(db)[0]


def grouping(db: apsw.Connection) -> Grouping:
    """The same for whoever does not want to ask again after each line."""
    found: list[Row] = rows(db, "select id, native_id, folder, cwd from session order by last_at, id")
    homes, torn = _homes(dict.fromkeys((folder, cwd) for _, _, folder, cwd in reversed(found)))
    newest, behind = _newest(found, homes)
    names = _names({newest.get(home, home) for home in homes.values()})
    shown = {place: _project(newest.get(home, home), names) for place, home in homes.items()}
    return {number: shown[folder, cwd] for number, _, folder, cwd in found}, torn | behind


def _project(home: str, names: Mapping[str, str]) -> Project:
    return names[home], home if _is_root(home) else ""


def _is_root(home: str) -> bool:
    """A path, and not the name of an agent's folder, in which dashes stand for all that is no letter."""
    return "/" in home or home[1:2] == ":"


def _homes(places: Collection[Place]) -> tuple[dict[Place, str], set[Place]]:
    """The root folder of each place; of newest places first. And the places that would change that as newest ones.

    A folder is named after one of them, and that is where its sessions belong: one may begin with history that was
    copied from elsewhere. Where no working directory is known it is that of others in the folder, else its own name.
    """
    told = {place: project_root(place[1]) for place in places}
    folders = {place: project_folder(place[0]) for place in places}
    named = {_as_folder(root): root for root in sorted({*told.values()}) if root}
    roots = {place: root and named.get(folders[place], root) for place, root in told.items()}
    known: dict[str, str] = {}
    for place, root in roots.items():
        if root:
            known.setdefault(folders[place], root)
    bare = {folders[place] for place, root in roots.items() if not root}
    torn = {place for place, root in roots.items() if root and folders[place] in bare and known[folders[place]] != root}
    return {place: root or known.get(folders[place], folders[place]) for place, root in roots.items()}, torn


def _newest(found: Sequence[Row], homes: Mapping[Place, str]) -> tuple[dict[str, str], set[Place]]:
    """Roots that were moved, and the newest one of the same project. And the places that count for an older one.

    A session that goes on in another folder of its agent shows it: its own root and those that both folders are named
    after are one project.
    """
    folders: dict[str, str] = {}
    moved = {name for _, name, folder, _ in found if folders.setdefault(name, folder) != folder and len(name) >= UNIQUE}
    if not moved:
        return {}, set()
    named = {_as_folder(home): home for home in sorted({*homes.values()})}
    last: dict[str, int] = {}
    counted: set[tuple[Place, str]] = set()
    parents: dict[str, str] = {}
    for at, (_, name, folder, cwd) in enumerate(found):
        home = homes[folder, cwd]
        if name in moved:
            here = named.get(project_folder(folder), home)
            parents[_top(parents, home)] = _top(parents, name)
            parents[_top(parents, here)] = _top(parents, name)
            home = here  # its own root is where it was before
        last[home] = at
        counted.add(((folder, cwd), home))
    groups: dict[str, list[str]] = {}
    for home in dict.fromkeys(homes.values()):
        groups.setdefault(_top(parents, home), []).append(home)
    heads = {top: max(group, key=lambda home: last.get(home, -1)) for top, group in groups.items()}
    newest = {home: heads[top] for top, group in groups.items() for home in group}
    return newest, {place for place, home in counted if newest[home] != home}


def _top(parents: dict[str, str], one: str) -> str:
    """What stands for all that was joined with this one."""
    while (parent := parents.get(one, one)) != one:
        one = parent
    return one


def _as_folder(root: str) -> str:
    """The name that Claude Code gives its folder for this root."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in root)


def _names(homes: Collection[str]) -> dict[str, str]:
    """The last part of each root, with as many parts before it as tell it from all others."""
    depths = dict.fromkeys(homes, 1)
    while True:
        names = {home: _name(home, depth) for home, depth in depths.items()}
        owners: dict[str, list[str]] = {}
        for home, name in names.items():
            owners.setdefault(name, []).append(home)
        alike = [home for same in owners.values() if len(same) > 1 for home in same if names[home] != home]
        if not alike:
            return names
        for home in alike:
            depths[home] += 1


def _name(home: str, depth: int) -> str:
    if _is_root(home):
        return "/".join(home.split("/")[-depth:])
    return folder_name(home) if depth == 1 else home
