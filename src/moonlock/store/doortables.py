"""The tables of what comes in by machines' doors; ``steps`` makes them. They are never changed after a release."""

from __future__ import annotations

STATUS_LINES = """
create table status_sample (session text primary key, at integer not null, body blob not null) strict, without rowid;
create index status_sample_at on status_sample (at);
"""
"""What each session's status line said last."""

QUOTA = """
create table quota (
    name text not null, length integer not null, resets_at integer not null, session text not null,
    used real not null, at integer not null, last_used real not null, last_at integer not null,
    primary key (name, length, resets_at, session)
) strict, without rowid;
create table quota_rise (
    name text not null, resets_at integer not null, used real not null, at integer not null,
    primary key (name, resets_at, used)
) strict, without rowid;
"""
"""Official limits: by window and session what was the most and what was said last; and when the most of all rose."""

TELEMETRY = """
create table telemetry_session (
    id integer primary key, agent text not null, native_id text not null, last_at integer not null,
    unique (agent, native_id)
) strict;
create table telemetry_request (
    key integer primary key, session integer not null, at integer not null, low integer not null, source text not null,
    input integer not null, output integer not null, written integer not null, cache_read integer not null, cost integer
) strict;
create index telemetry_request_session on telemetry_request (session, at);
create table telemetry_count (
    session integer not null, counter text not null, series integer not null, start integer not null,
    over integer not null, value real not null, primary key (session, counter, series, start, over)
) strict, without rowid;
create table telemetry_note (
    key integer primary key, session integer not null, at integer not null, kind text not null, cause text not null,
    pre integer, post integer, duration integer
) strict;
create index telemetry_note_session on telemetry_note (session, at);
"""
"""What agents told over OpenTelemetry of their sessions: beside all that is counted from logs, never in it."""
