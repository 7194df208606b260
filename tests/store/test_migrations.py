"""A store of before is brought up to date with everything in it."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from claude_lines import call, prompted, result, transcript
from store_batches import NOON, batch, key, priced, session, usage

from moonlock.live.catchup import sync
from moonlock.model.question import Question
from moonlock.model.session import SessionKey
from moonlock.sources import ALL
from moonlock.store import Store, connection, schema
from moonlock.store.errors import StoreTooOld
from moonlock.store.places import session_id
from moonlock.store.steps import STEPS, migrate

OWNER = session_id(SessionKey("claude-code", "-home-ann-app", "s1"))


def first_store(path: Path) -> None:
    """What the first step's code kept of a session with a sub-agent, a request in each."""
    db = connection.open_writer(path)
    migrate(db, STEPS[:1])
    with connection.transaction(db):
        db.execute("insert into name values (1, 'opus'), (2, 'Bash')")
        db.execute(
            "insert into session values (?, 'claude-code', '-home-ann-app', 's1', 'A title', 2, 9, '/home/ann/app', 5,"
            " 'main', 7, '2.1.0', 7, ?, ?, 0, '', null, 0, null, 0, '', 0, 0)",
            (OWNER, NOON, NOON + 9),
        )
        for number, agent_id in ((1, ""), (2, "x")):
            sums = "10, 100, 0, 1000, 5000, 1, 6110, 0, 0, 0"
            db.execute(
                f"insert into chain values (?, ?, ?, 1, ?, ?, ?, {sums})", (number, OWNER, agent_id, NOON, NOON, NOON)
            )
            db.execute(f"insert into rollup values (?, ?, 1, {sums})", (NOON // schema.SLOT, number))
            db.execute(
                "insert into request values (?, ?, 1, ?, 0, 10, 100, 0, 1000, 5000, 0, null, 6110, 0, ?, ?)",
                (key(f"m{number}"), number, NOON, int(bool(agent_id)), number),
            )
            db.execute(
                f"insert into file values (?, ?, 'claude-code', ?, x'986401026401070509', 0, 0, 0, 0,"
                f" {', '.join('1' for _ in range(14))})",
                (number, f"s1/{number}.jsonl", OWNER),
            )
        db.execute("insert into tool values (?, 1, ?, 2, ?, 5, 0, 1)", (key("t1"), NOON, key("m1")))
    db.close()


def test_a_store_of_the_first_step_keeps_every_sum_and_gets_branches(tmp_path: Path) -> None:
    first_store(tmp_path / "moon.db")
    store = Store.write(tmp_path / "moon.db", priced)
    (told,) = store.sessions()
    assert (told.usage.requests, told.usage.cost, told.subagents.cost) == (2, 12_220, 6110)
    assert [helper.agent_id for helper in told.agents] == ["x"]
    by_branch = store.rows(Question("branch"))
    assert {row[0]: row[2][5] for row in by_branch.rows} == {"main": 1, "": 1}
    assert [row[0] for row in store.rows(Question("tool")).rows] == ["(no tool)", "Bash"]
    assert store.totals().usage == told.usage
    store.close()
    copy = apsw.Connection(str(tmp_path / "moon-schema-1.db"))
    assert copy.execute("select count(*) from request").fetchall() == [(2,)]
    copy.close()


def test_a_log_that_is_read_again_names_the_branch_that_the_store_could_only_guess(tmp_path: Path) -> None:
    first_store(tmp_path / "moon.db")
    store = Store.write(tmp_path / "moon.db", priced)
    known = usage("m1", branch="fix")
    store.append([batch("s1/1.jsonl", [known], session("s1"))])
    found = {row[0]: row[2][5] for row in store.rows(Question("branch")).rows}
    assert found == {"fix": 1, "": 1}
    assert store.totals().usage.requests == 2
    store.close()


def test_reading_alone_does_not_touch_a_store_of_before_and_says_what_to_do(tmp_path: Path) -> None:
    first_store(tmp_path / "moon.db")
    with pytest.raises(StoreTooOld) as told:
        Store.read(tmp_path / "moon.db")
    assert (told.value.found, told.value.known) == (1, len(STEPS))
    assert "moonlock sync" in told.value.hint


def test_indexes_that_wait_are_made_on_the_new_tables_too(tmp_path: Path) -> None:
    first_store(tmp_path / "moon.db")
    store = Store.write(tmp_path / "moon.db", priced)
    store.settle()
    names = {name for (name,) in store._db.execute("select name from sqlite_schema where type = 'index'")}
    assert {"request_at", "request_chain", "tool_chain_at", "session_last", "event_limit"} <= names
    store.close()


def test_logs_that_are_still_there_are_read_once_more_and_old_calls_gain_subjects(tmp_path: Path) -> None:
    home = tmp_path / "home"
    edit = call("toolu_1", "Edit", {"file_path": "/w/app.py"}, attributionSkill="review")
    gone = transcript(home, call("toolu_2", "Bash", {"command": "git push"}), name="gone.jsonl")
    transcript(home, prompted(), edit, result("toolu_1", toolUseResult={"structuredPatch": [{"lines": ["+a"]}]}), b"{")
    store = Store.write(tmp_path / "moon.db", priced)
    sync(store, ALL, {}, home)
    store.keep_note("all was read")
    whole = told(store)
    gone.unlink()
    of_before = as_before(store)
    assert (of_before[1:], store.note()) == (whole[1:], "")
    assert sync(store, ALL, {}, home).files == 1
    assert told(store) == of_before
    (subject,) = store._db.execute("select n.text, added from subject s join name n on n.id = s.target").fetchall()
    (skill,) = store._db.execute("select n.text from skill s join name n on n.id = s.name").fetchall()
    assert (subject, skill) == (("/w/app.py", 1), ("review",))
    assert (store.restarts(), len(store.damage())) == ([], 1)
    again = sync(store, ALL, {}, home)
    assert (again.files, again.rows) == (0, 0)
    store.close()


def as_before(store: Store) -> list[object]:
    """Take away what older stores did not have, as their step leaves them; what the store tells then."""
    with connection.transaction(store._db):
        store._db.execute("delete from subject; delete from skill")
        dict(STEPS)["logs are read once more"](store._db)
    return told(store)


def told(store: Store) -> list[object]:
    """Sums, sessions, and what became of the lines of each file."""
    counts = store._db.execute(f"select path, {schema.COUNTS}, {schema.TAIL_COUNTS} from file order by 1").fetchall()
    return [store.sessions(), store.totals(), store.damage(), counts]
