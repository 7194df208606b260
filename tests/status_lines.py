"""Status line JSON as Claude Code writes it, in the shape of its documentation."""

from __future__ import annotations

import json

SESSION = "11111111-1111-4111-8111-111111111111"
NOW = 1_795_161_600_000
FULL: dict[str, object] = {
    "cwd": "/w/my-repo/src",
    "session_id": SESSION,
    "session_name": "my-session",
    "prompt_id": "22222222-2222-4222-8222-222222222222",
    "transcript_path": f"/home/ann/.claude/projects/-w-my-repo/{SESSION}.jsonl",
    "model": {"id": "claude-opus-5", "display_name": "Opus"},
    "workspace": {"current_dir": "/w/my-repo/src", "project_dir": "/w/my-repo", "added_dirs": [], "git_worktree": "x"},
    "version": "2.1.260",
    "output_style": {"name": "default"},
    "cost": {"total_cost_usd": 0.42, "total_duration_ms": 45000, "total_api_duration_ms": 2300},
    "context_window": {
        "total_input_tokens": 15500,
        "total_output_tokens": 1200,
        "context_window_size": 200000,
        "used_percentage": 8,
        "remaining_percentage": 92,
        "current_usage": {
            "input_tokens": 8500,
            "output_tokens": 1200,
            "cache_creation_input_tokens": 5000,
            "cache_read_input_tokens": 2000,
        },
    },
    "exceeds_200k_tokens": False,
    "fast_mode": False,
    "effort": {"level": "high"},
    "thinking": {"enabled": True},
    "rate_limits": {
        "five_hour": {"used_percentage": 23.5, "resets_at": NOW // 1000 + 7_800},
        "seven_day": {"used_percentage": 41.2, "resets_at": NOW // 1000 + 302_400},
    },
    "prompt_cache": {
        "warm": True,
        "caching_observed": True,
        "ttl": "1h",
        "expires_at": NOW // 1000 + 3_000,
        "requests": 12,
        "misses": 1,
        "hit_ratio": 0.95,
        "last_miss_cause": {"causes": []},
    },
    "vim": {"mode": "NORMAL"},
    "pr": {"number": 12, "url": "https://example.org/12", "review_state": "pending", "kind": "mr"},
}


def said(**more: object) -> dict[str, object]:
    """All of it, with something else in places; what is None is left out."""
    return {name: value for name, value in {**FULL, **more}.items() if value is not None}


def body(**more: object) -> bytes:
    return json.dumps(said(**more)).encode()
