"""The tables, as ordered named steps. A step is never changed after a release: a new one is added.

Dimensions are integers. ``request`` and ``tool`` keep an ordinary rowid (their key), so that they can be salvaged row
by row from a damaged file; neither has foreign keys, whose checks would cost as much as the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import apsw

from moonlock.store.connection import APPLICATION_ID, transaction
from moonlock.store.doortables import QUOTA, STATUS_LINES, TELEMETRY
from moonlock.store.schema import COUNTS, SUMS, TAIL_COUNTS, step_of

Step = tuple[str, Callable[[apsw.Connection], object]]


def _columns(names: str, after: str = "") -> str:
    return ", ".join(f"{name} integer not null{after}" for name in names.split(", "))


_FIRST = f"""
create table name (id integer primary key, text text not null unique) strict;

create table session (
    id integer primary key, agent text not null, folder text not null, native_id text not null,
    title text not null, title_rank integer not null, title_at integer not null,
    cwd text not null, cwd_at integer not null, branch text not null, branch_at integer not null,
    version text not null, version_at integer not null,
    first_at integer not null, last_at integer not null,
    tail_at integer not null, phase text not null, limit_resets_at integer, settled_at integer not null,
    context integer, context_at integer not null, model text not null, model_at integer not null,
    largest_prompt integer not null
) strict;
create index session_last on session (last_at);
create index session_native on session (native_id);

create table chain (
    id integer primary key, session integer not null references session, agent_id text not null,
    model integer not null default 0, model_at integer not null default 0,
    first_at integer not null default 0, last_at integer not null default 0, {_columns(SUMS, " default 0")},
    unique (session, agent_id)
) strict;

create table file (
    id integer primary key, path text not null unique, source text not null, session integer not null,
    cursor blob not null, born integer not null, generation integer not null, pending integer not null,
    gone integer not null, {_columns(COUNTS)}, {_columns(TAIL_COUNTS)}
) strict;

create table request (
    key integer primary key, chain integer not null, model integer not null, at integer not null,
    span integer not null, input integer not null, output integer not null, write_5m integer not null,
    write_1h integer not null, cache_read integer not null, searches integer not null, recorded integer,
    cost integer, marks integer not null, side integer not null, file integer not null
) strict;

create table alias (alias integer primary key, request integer not null) strict;
create index alias_request on alias (request);

create table rollup (
    slot integer not null, chain integer not null, model integer not null, {_columns(SUMS)},
    primary key (slot, chain, model)
) strict, without rowid;

create table tool (
    key integer primary key, chain integer not null, at integer not null, name integer not null,
    request integer not null, duration integer, outcome integer, file integer not null
) strict;
create index tool_open on tool (chain) where outcome is null;
create table tool_end (key integer primary key, at integer not null, outcome integer not null) strict;

create table event (
    key integer primary key, session integer not null, at integer not null, kind text not null, body blob not null,
    file integer not null
) strict;
create index event_session on event (session, at);
create index event_limit on event (at) where kind = 'limit';

create table damage (
    file integer not null references file, generation integer not null, offset integer not null,
    length integer not null, shape text not null, recovered integer not null,
    primary key (file, generation, offset, length, shape)
) strict, without rowid;
create table restart (
    id integer primary key, file integer not null references file, reason text not null, at integer not null,
    offset integer not null, size integer not null
) strict;

create table meta (name text primary key, value text not null) strict, without rowid;
"""

_CHAIN_COLUMNS = f"model, model_at, first_at, last_at, {SUMS}"
_SECOND = f"""
create table chain_of_branch (
    id integer primary key, session integer not null references session, agent_id text not null, branch text not null,
    model integer not null default 0, model_at integer not null default 0,
    first_at integer not null default 0, last_at integer not null default 0, {_columns(SUMS, " default 0")},
    unique (session, agent_id, branch)
) strict;
insert into chain_of_branch (id, session, agent_id, branch, {_CHAIN_COLUMNS})
select id, session, agent_id, iif(agent_id = '', (select branch from session where id = c.session), ''),
    {_CHAIN_COLUMNS} from chain c;
drop table chain;
alter table chain_of_branch rename to chain;

create table label (
    session integer primary key, name text not null default '', description text not null default '',
    hidden_at integer not null default 0
) strict;
create table tag (
    session integer not null, tag text not null, primary key (session, tag)
) strict, without rowid;
create table seed (
    agent text not null, day text not null, model text not null, tokens integer not null,
    sessions integer not null, seeded_at integer not null, primary key (agent, day, model)
) strict, without rowid;
"""
"""Requests of before have the branch that their session had last: the store does not know better."""

_PACKED = """
create table packed (
    id integer primary key, file integer not null, session integer not null, body blob not null
) strict;
"""

_LABEL_TIMES = "alter table label add column changed_at integer not null default 0"
"""Which of two copies of a store has the newer words; of those before this nobody knows."""

_BY_HAND = """
create table hand (
    id integer primary key, name text not null, description text not null default '', tags text not null default '',
    project text not null, follow text not null, followed text not null, duration integer not null,
    token_budget integer, cost_budget integer, started_at integer not null, open integer not null default 1,
    hidden_at integer not null default 0
) strict;
create index hand_started on hand (started_at, id);
create index hand_open on hand (id) where open;

create table mark (
    id integer primary key, hand integer not null references hand, kind text not null, at integer not null,
    by integer not null
) strict;
create index mark_hand on mark (hand, id);

create table posting (
    id integer primary key, hand integer not null references hand, at integer not null, tokens integer not null,
    operation text, model text
) strict;
create index posting_hand on posting (hand, at, id);

create table checkpoint (
    id integer primary key, hand integer not null references hand, at integer not null,
    elapsed integer not null, phase text not null, prompts integer, metadata text not null
) strict;
create index checkpoint_hand on checkpoint (hand, id);

create table once (
    scope text not null, key text not null, said text not null, made integer not null, primary key (scope, key)
) strict, without rowid;
"""
"""Sessions by hand. ``once`` holds what was asked under a key, and what it made: asked again, that is the answer."""

_SUGGESTED = """
create table suggestion (
    hand integer not null references hand, key integer not null, source text not null, session integer not null,
    decided_at integer not null, checkpoint integer, primary key (hand, key)
) strict, without rowid;
create index suggestion_checkpoint on suggestion (checkpoint) where checkpoint is not null;
"""
"""What a person decided about suggested checkpoints: of one that was dismissed there is no checkpoint."""

_CALLING = """
create table rule_change (
    rule text primary key, enabled integer, threshold real, clear real, hold integer, cooldown integer, severity text,
    changed_at integer not null
) strict, without rowid;

create table delivery (
    id integer primary key, alert text not null, news text not null, channel text not null, state text not null,
    at integer not null, due integer not null, tries integer not null default 0, answer text, body blob not null,
    unique (alert, news, channel)
) strict;
create index delivery_open on delivery (channel, id) where state in ('waiting', 'held');
"""
"""What a person says of rules, and what became of each message to a channel."""

_ALERTS = """
create table alert (
    id text primary key, rule text not null, subject text not null, session text, severity text not null,
    phase text not null, title text not null, measure text not null, level real, threshold real not null,
    since integer not null, fired_at integer, resolved_at integer, acknowledged_at integer, quiet integer not null
) strict;
create index alert_open on alert (id) where phase <> 'resolved';
create index alert_since on alert (since, id);
create index alert_subject on alert (rule, subject, since);
create index alert_session on alert (session, since) where session is not null;
"""
"""Crossings of thresholds. One that was over before it fired is no row."""

_SUBJECTS = """
create table subject (
    call integer primary key, target integer not null, mark integer not null, added integer, removed integer
) strict;
create table skill (request integer primary key, name integer not null) strict;
"""
"""What calls were about, and by which skill responses worked. Both come by themselves, before or after their rows."""

_WITNESSES = """
create table witness (
    agent text not null, session text not null, kept_at integer not null, alive integer not null, gone_at integer,
    body blob not null, primary key (agent, session)
) strict;
create table hooked (agent text not null, session text not null, primary key (agent, session)) strict, without rowid;
create table wait (
    agent text not null, session text not null, start integer not null, over integer, wants text not null,
    tool text not null, heard_at integer not null, primary key (agent, session, start)
) strict, without rowid;
create table glimpse (session text primary key, last_at integer not null, body text not null) strict, without rowid;
"""
"""What hooks and registries said last of sessions, by the agent's own ids; whose hooks were ever heard; how long people
were waited for; and what a prompt shows of a session where no server runs."""

_ONCE_MORE = f"""
update file set cursor = x'98{"00" * 8}';
delete from meta where name = 'note';
"""
"""No log of before was read for what calls were about: each that is still there is read from its start, as one of which
nothing was read. Every key is known, so no sum changes; what was counted of its lines stays until it is counted anew.
"""

LATE = (
    "create index if not exists request_at on request (at)",
    "create index if not exists request_chain on request (chain, at)",
    "drop index if exists tool_chain",  # of before, without the time
    "create index if not exists tool_chain_at on tool (chain, at)",
)
"""Indexes that are made when somebody watches: one sort then costs a fraction of 60,000 random insertions.

A report does without them: at 1 GB of logs the reads that use them take 3 ms more, and making them takes 120. Without
them every page of one session would be looked for in the whole archive.
"""

STEPS: tuple[Step, ...] = (
    ("first tables", lambda db: db.execute(_FIRST)),
    ("branches, labels and seeds", lambda db: db.execute(_SECOND)),
    ("packed events", lambda db: db.execute(_PACKED)),
    ("times of labels", lambda db: db.execute(_LABEL_TIMES)),
    ("sessions by hand", lambda db: db.execute(_BY_HAND)),
    ("alerts", lambda db: db.execute(_ALERTS)),
    ("suggested checkpoints", lambda db: db.execute(_SUGGESTED)),
    ("rules by hand, and deliveries", lambda db: db.execute(_CALLING)),
    ("status lines", lambda db: db.execute(STATUS_LINES)),
    ("quota", lambda db: db.execute(QUOTA)),
    ("subjects and skills", lambda db: db.execute(_SUBJECTS)),
    ("witnesses and waits", lambda db: db.execute(_WITNESSES)),
    ("telemetry", lambda db: db.execute(TELEMETRY)),
    ("logs are read once more", lambda db: db.execute(_ONCE_MORE)),
)


def migrate(db: apsw.Connection, steps: Sequence[Step] = STEPS) -> list[str]:
    """Take the missing steps, each in one transaction together with its record; names of those taken."""
    taken = []
    for number, (name, step) in enumerate(steps, 1):
        if step_of(db) >= number:
            continue
        with transaction(db, durable=True):
            step(db)
            db.execute("create table if not exists migration (number integer primary key, name text not null) strict")
            db.execute("insert into migration values (?, ?)", (number, name))
            db.execute(f"pragma user_version = {number}")
            db.execute(f"pragma application_id = {APPLICATION_ID}")
        taken.append(name)
    return taken
