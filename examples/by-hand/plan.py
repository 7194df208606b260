"""A program that works within a session by hand: it adds what it used, marks phases, and stops when the budget is gone.

moonlock start &
python plan.py
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from moonlock.client import Moonlock


def work() -> Iterator[tuple[str, int]]:
    """Stands for real work: each step with the tokens that it took."""
    yield from (("read", 12_000), ("plan", 8_000), ("write", 45_000), ("test", 20_000))


def main() -> int:
    session = Moonlock().start("Plan", duration=90 * 60 * 1000, token_budget=80_000)
    for phase, tokens in work():
        session.tokens(tokens, operation=phase)
        session.checkpoint(phase)
        budget = session.now().budget
        if budget is not None and budget.used_share >= 1:
            print(f"the budget is gone after {phase}")
            break
    for stretch in session.complete().phases:
        print(f"{stretch.phase or 'after that'}: {stretch.tokens.total} tokens in {stretch.elapsed_ms} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
