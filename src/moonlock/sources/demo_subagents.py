"""Sub-agents of the demo: they work in the background, side by side, and may call one themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge

from moonlock.model.instant import HOUR
from moonlock.sources import demo_words as words
from moonlock.sources.demo_lines import Line, tool_id
from moonlock.sources.demo_tools import Call, everyday
from moonlock.sources.demo_worker import Worker

Job = tuple[str, str]
"""What a sub-agent is called for, and its kind."""


def delegated(worker: Worker, jobs: Sequence[Job], deeper: float) -> Iterator[Line]:
    """The caller goes on when all have told what they found; each calls another one by the chance ``deeper``."""
    rng = worker.rng
    ids = [tool_id(rng) for _ in jobs]
    blocks: list[dict[str, object]] = [
        {"type": "tool_use", "id": known, "name": "Agent", "input": _brief(job)}
        for known, job in zip(ids, jobs, strict=True)
    ]
    yield from worker.respond(blocks, "tool_use")
    agents = [_helper(worker) for _ in jobs]
    for known, agent, (job, _) in zip(ids, agents, jobs, strict=True):
        worker.wait(30, 90)
        yield worker.returned(known, _launched(agent, job))
    for agent in agents:
        agent.at = worker.at
    logs = [list(_log(agent, job, deeper)) for agent, (job, _) in zip(agents, jobs, strict=True)]
    yield from merge(*logs, key=lambda line: line.at)
    worker.at = max(agent.at for agent in agents)
    for known, agent in zip(ids, agents, strict=True):
        worker.fresh += 300
        yield worker.scribe.notice(worker.at, known, agent.scribe.agent, _told(agent))


def _helper(worker: Worker) -> Worker:
    scribe = worker.scribe.helper(f"{worker.rng.getrandbits(32):08x}")
    return Worker(worker.rng, scribe, words.HELPER, worker.pace, worker.at)


def _log(worker: Worker, job: str, deeper: float) -> Iterator[Line]:
    """All lines of a sub-agent, and of those below it."""
    worker.fresh = 9_000
    yield from worker.ask(job)
    for _ in range(worker.rng.randrange(2, 7)):
        yield from worker.use([everyday(worker.rng)])
    if worker.rng.random() < deeper:
        yield from delegated(worker, [worker.rng.choice(words.HELPERS)], 0.0)
    yield from worker.finish("Done. " + worker.rng.choice(words.SAID))


def _brief(job: Job) -> dict[str, object]:
    text, kind = job
    return {"description": text, "prompt": text + ". Report what you found.", "subagent_type": kind}


def _launched(agent: Worker, job: str) -> Call:
    told = {
        "isAsync": True,
        "status": "async_launched",
        "agentId": agent.scribe.agent,
        "description": job,
        "resolvedModel": agent.model.name,
    }
    return Call("Agent", {}, "The agent works in the background.", told, 0)


def _told(agent: Worker) -> str:
    spent = f"<subagent_tokens>{agent.context}</subagent_tokens>"
    lasted = f"<duration_ms>{min(agent.at - agent.asked_at + 40_000, HOUR)}</duration_ms>"
    return f"<result>The loader has four callers.</result>\n<usage>{spent}{lasted}</usage>"
