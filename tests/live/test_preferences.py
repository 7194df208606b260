"""A settings file that changes moves the contexts of a running house; what is of no session of now moves nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from live.house import House, lived
from live.logs import line, log, write

from moonlock.live import clock, preferences
from moonlock.live.preferences import Preferences
from moonlock.model.context_shapes import ContextShape
from moonlock.model.wire import ContextUpdate, Frame
from moonlock.sources import ALL


def settings(folder: Path, **said: object) -> None:
    (folder / ".claude").mkdir(parents=True, exist_ok=True)
    (folder / ".claude" / "settings.json").write_text(json.dumps(said))


def compacts_at(tokens: int | None) -> object:
    def wanted(frame: Frame) -> bool:
        return isinstance(frame, ContextUpdate) and frame.data.context.compacts_at == tokens

    return wanted


def answered(project: Path) -> str:
    usage = {"input_tokens": 250_000, "output_tokens": 5}
    said = {"id": "msg_1", "role": "assistant", "model": "claude-opus-4-8", "usage": usage, "stop_reason": "end_turn"}
    return line("assistant", clock.now(), "s1", message=said, requestId="req_1", cwd=str(project))


def test_settings_that_change_move_the_compaction_and_listeners_hear_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preferences, "BEAT", 0.02)
    project = tmp_path / "project"
    settings(tmp_path, autoCompactWindow=600_000)
    write(log(tmp_path), answered(project))

    async def story(house: House) -> None:
        def context() -> ContextShape | None:
            return house.snapshot().sessions[0].context

        if (found := context()) is None or found.compacts_at != 567_000:
            await house.until(compacts_at(567_000))  # type: ignore[arg-type]
        settings(project, autoCompactWindow=300_000)
        await house.until(compacts_at(267_000))  # type: ignore[arg-type]
        found = context()
        assert found is not None and (found.compacts_by, found.level) == ("configured", "danger")
        settings(project, autoCompactEnabled=False)
        await house.until(compacts_at(None))  # type: ignore[arg-type]

    lived(tmp_path, story)


def test_an_agent_that_has_no_settings_has_the_environment_of_the_house(tmp_path: Path) -> None:
    settings(tmp_path, autoCompactWindow=300_000)
    found = Preferences(ALL, {"PATH": "/bin"}, tmp_path)
    assert found.look([]) and not found.look([])
    assert found.environment("codex", "", "") == {"PATH": "/bin"}
    assert found.environment("claude-code", "", "")["CLAUDE_CODE_AUTO_COMPACT_WINDOW"] == "300000"
