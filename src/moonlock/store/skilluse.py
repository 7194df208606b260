"""The report by skill: each response counts for the skill that it worked by, so that it adds up like any other.

The calls of a response count for its skill too. What worked by none is a row of its own.
"""

from __future__ import annotations

import apsw

from moonlock.model.question import Answer, Question
from moonlock.store import tallies
from moonlock.store.answers import Parts, finished
from moonlock.store.tallies import Source
from moonlock.store.tooltimes import Naming
from moonlock.store.tooluse import NEVER, calls_of, resolved, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from moonlock.store.pricing import Price

NO_SKILL = "(no skill)"

_SKILL = f"ifnull((select n.text from skill s join name n on n.id = s.name where s.request = {{}}), '{NO_SKILL}')"


def by_skill(used: Source) -> Source:
    """The usage with a further column ``skill``."""
    return Source(f"select used.*, {_SKILL.format('used.key')} as skill from ({used.sql}) as used", used.bound)


def naming(request: str) -> Naming:
    """Calls by the skill of the response that called them; ``request`` is SQL for its key."""
    return Naming(_SKILL.format(request), "1")


def answer(db: apsw.Connection, question: Question, price: Price | None) -> Answer:
    """A row for each skill, and one for the responses that worked by none."""
    used = by_skill(tallies.of_requests(db, question, price))
    parts = Parts()
    for skill, _, model, *sums in tallies.tallied(db, used, "skill"):
        parts.add(skill, model, sums)
    for skill, session in tallies.users(db, used, "skill"):
        parts.use(skill, session)
    request = resolved(db)
    called = calls_of(db, question, request, naming(request))
    for skill in called:
        parts.shares.setdefault(skill, {})
    found = finished(db, parts)
    found.rows = [told(row, called.get(row[0], NEVER)) for row in found.rows]
    return found
