"""Forecasts and alarms, tried on windows whose end is known: generated ones, or those of a home folder with logs.

Every window is forecast after a quarter, a half and three quarters of its time from the windows before it alone, by
analog replay and by simpler rules. `--logs HOME` takes a home folder with logs in place of generated people.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

from corpus import environment, moonlock, options

from moonlock.analytics import anomaly
from moonlock.analytics.forecast import OWN, WINDOW, Analogs, analogs, beside, foresee, scale, seen
from moonlock.analytics.past import cut
from moonlock.analytics.prior import COST, people, prior
from moonlock.model.instant import HOUR, MINUTE
from moonlock.model.outlook import Outcome
from moonlock.store import Store

PEOPLE, DAYS, SEED = 12, 60, 77
RUNAWAYS, SOON, LEARNED = 400, 5, 90
"""How many are tried, minutes in which they should be caught, active minutes before the first."""
POINTS = {25: 75, 50: 150, 75: 225}
LIMIT, KNOWN = 0.75, 4
"""The limit is this quantile of one's own totals before, of so many at least."""
Bins = Sequence[float]
Rule = Callable[[Bins, int], float]


class Trial(NamedTuple):
    """A forecast, and what came."""

    outcome: Outcome
    total: float
    rivals: dict[str, float]
    limit: float | None
    took: float
    active: bool
    reached: int | None
    """Minutes until the limit was passed, where it was."""


def ccusage(bins: Bins, minute: int) -> float:
    used = [place for place in range(minute) if bins[place] > 0]
    lasted = used[-1] - used[0] if used else 0
    return sum(bins[:minute]) * (1 + (WINDOW - minute) / lasted) if lasted else sum(bins[:minute])


def elapsed(bins: Bins, minute: int) -> float:
    return sum(bins[:minute]) * WINDOW / minute


def ewma(bins: Bins, minute: int) -> float:
    """A half-life of half an hour, corrected for the time before the first minute."""
    fresh = 1 - 0.5 ** (1 / 30)
    rate = weight = 0.0
    for each in bins[:minute]:
        rate, weight = (1 - fresh) * rate + fresh * each, (1 - fresh) * weight + fresh
    return sum(bins[:minute]) + rate / weight * (WINDOW - minute)


RULES: dict[str, Rule] = {"ccusage's linear rule": ccusage, "elapsed-linear": elapsed, "EWMA of 30 minutes": ewma}


def library(windows: Sequence[Bins]) -> Analogs:
    usual = scale(map(sum, windows), COST)
    return beside(analogs(windows, usual), prior(), usual)


def trials(person: Sequence[Bins]) -> Iterator[tuple[int, Trial]]:
    """Every window but the first three, from those before it."""
    for number in range(3, len(person)):
        before, bins = person[max(0, number - OWN) : number], person[number]
        totals = sorted(sum(each) for each in before)
        known, limit = library(before), totals[int(LIMIT * (len(totals) - 1))] if len(totals) >= KNOWN else None
        for share, minute in POINTS.items():
            now, began = seen(bins, minute), time.perf_counter()
            outcome = foresee(known, now)
            took = time.perf_counter() - began
            open_limit = limit if limit is not None and limit > now.spent else None
            if open_limit is not None:
                outcome = foresee(known, now, open_limit)
            rivals = {name: rule(bins, minute) for name, rule in RULES.items()}
            yield (
                share,
                Trial(outcome, sum(bins), rivals, open_limit, took, now.idle < 15, passed(bins, minute, open_limit)),
            )


def passed(bins: Bins, minute: int, limit: float | None) -> int | None:
    if limit is None or sum(bins) < limit:
        return None
    spent = sum(bins[:minute])
    for place in range(minute, WINDOW):
        spent += bins[place]
        if spent >= limit:
            return place + 1 - minute
    return None


def goal(what: str, value: float, low: float, high: float, unit: str = " %") -> None:
    """One line, and whether the value lies between."""
    met = "ok" if low <= value <= high else "MISSED"
    wanted = f"<= {high:g}" if low <= 0 else f">= {low:g}" if high >= 1e9 else f"{low:g} to {high:g}"
    print(f"  {what:<46} {value:8.2f}{unit:<4} goal {wanted}{unit}: {met}")


def tell_errors(found: dict[int, list[Trial]], goals: dict[int, float]) -> None:
    for share, each in found.items():
        total = sum(one.total for one in each)
        print(f"after {share} % of the window, {len(each)} trials")
        error = 100 * sum(abs(one.outcome.end.expected - one.total) for one in each) / total
        goal("wMAPE of analog replay", error, 0, goals[share])
        for name in RULES:
            wrong = 100 * sum(abs(one.rivals[name] - one.total) for one in each) / total
            print(f"    {name:<44} {wrong:8.2f} %")
        inside = [one.outcome.end.low <= one.total <= one.outcome.end.high for one in each]
        goal("80 % band holds", 100 * sum(inside) / len(inside), 75, 88)
        busy = [held for held, one in zip(inside, each, strict=True) if one.active]
        if busy:
            print(f"    while active, {len(busy)} trials: {100 * sum(busy) / len(busy):.0f} %")


def tell_overrun(found: dict[int, list[Trial]]) -> None:
    chances = [(one, one.limit) for each in found.values() for one in each if one.limit is not None]
    if not chances:
        print("too few windows to try limits")
        return
    came = [one.total >= limit for one, limit in chances]
    rate = sum(came) / len(came)
    ours = sum(((one.outcome.overrun or 0) - hit) ** 2 for (one, _), hit in zip(chances, came, strict=True))
    rule = sum(
        ((one.rivals["ccusage's linear rule"] >= limit) - hit) ** 2
        for (one, limit), hit in zip(chances, came, strict=True)
    )
    print(f"overrun of the {LIMIT:.0%} quantile of one's own windows, {len(chances)} chances, {rate:.0%} came")
    climate = rate * (1 - rate) * len(came)
    if climate:
        goal("Brier beside climatology known in hindsight", ours / climate, 0, 0.95, " x")
    else:
        print("    all or none came: there is no climatology to compare with")
    if rule:
        goal("Brier beside ccusage's rule", ours / rule, 0, 0.4, " x")
    off = [
        abs(one.outcome.reached.expected - one.reached)
        for one, _ in chances
        if one.reached is not None and one.outcome.reached is not None
    ]
    if off:
        goal(f"time to the limit, median error of {len(off)}", median(off), 0, 40, " min")


def tell_alarms(persons: Sequence[Sequence[Bins]]) -> None:
    lines = [[each for window in person for each in window] for person in persons]
    active = sum(each > 0 for line in lines for each in line) / 60
    habits = [list(accumulate(enumerate(line), next_minute, initial=anomaly.EMPTY)) for line in lines]
    raised = sum(len({habit.raised_at for habit in line} - {None}) for line in habits)
    goal(f"alarms in each of {active:.0f} active hours", raised / active, 0, 0.2, "")
    for name, runaway in RUNAWAY.items():
        delays = [
            delay
            for line, known in zip(lines, habits, strict=True)
            for delay in runaways(line, known, RUNAWAYS // len(lines), runaway)
        ]
        caught = [delay for delay in delays if delay is not None]
        if not delays:
            continue
        soon, what = 100 * sum(delay <= SOON for delay in caught) / len(delays), f"of {len(delays)} runaways {name}"
        if name == EVEN:
            goal(f"{what}, caught in {SOON} min", soon, 70, 1e9)
        else:
            print(f"    {what}, caught in {SOON} min: {soon:.0f} %")
        told = f"{100 * len(caught) / len(delays):.0f} %, after {median(caught or [0]):.0f} min in the middle"
        print(f"    in their 20 minutes: {told}")


def next_minute(habit: anomaly.Habit, each: tuple[int, float]) -> anomaly.Habit:
    return anomaly.add(habit, (each[0] + 1) * MINUTE, each[1])


EVEN = "at x4"
RUNAWAY: dict[str, Callable[[Random, Bins], float]] = {
    EVEN: lambda _, used: 4 * sum(used) / len(used),
    "at x4, uneven": lambda chance, used: 4 * chance.choice(used),
}
"""What each of its twenty minutes costs, out of one's own active minutes before it: four times their mean, or four
times any one of them, which is the same in the mean and as uneven as one's work."""


def runaways(
    line: Bins, known: Sequence[anomaly.Habit], count: int, runaway: Callable[[Random, Bins], float]
) -> Iterator[int | None]:
    """Minutes until the alarm of each runaway; they begin in minutes of work in which there is no alarm anyway."""
    chance, used = Random(SEED), [place for place, each in enumerate(line) if each > 0]
    for start in chance.sample(used[LEARNED:], min(count, max(0, len(used) - LEARNED))):
        habit, before = known[start], [each for each in line[:start] if each > 0]
        if anomaly.read(habit, (start + 1) * MINUTE).state == "high":
            continue
        delay = None
        for minute in range(20):
            at = start + minute
            habit = next_minute(habit, (at, runaway(chance, before)))
            if delay is None and habit.raised_at == (at + 1) * MINUTE:
                delay = minute
        yield delay


def of_logs(home: Path) -> list[Bins]:
    """The windows of somebody's logs, by their cost."""
    with tempfile.TemporaryDirectory() as data:
        env = environment(home, Path(data))
        subprocess.run([*moonlock(), "sync"], env=env, stdout=subprocess.DEVNULL, check=True)
        store = Store.read(next(Path(data).rglob("moonlock.db")))
        far = 1 << 50
        windows = cut(store.spent(0, far), store.named_ends(0, far), far + 5 * HOUR)
        store.close()
    return [window.cost for window in windows if sum(window.cost)]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--logs", type=Path, metavar="HOME", help="a home folder with logs of one person")
    logs = parser.parse_args().logs
    persons = [of_logs(logs)] if logs else people(SEED, PEOPLE, DAYS)
    print(f"{sum(map(len, persons))} windows of {len(persons)} {'person' if logs else 'generated people'}")
    found: dict[int, list[Trial]] = defaultdict(list)
    for person in persons:
        for share, trial in trials(person):
            found[share].append(trial)
    if not found:
        print("a backtest needs four windows")
        return
    tell_errors(found, {25: 50, 50: 30, 75: 15} if logs else {25: 45, 50: 33, 75: 19})
    tell_overrun(found)
    tell_alarms(persons)
    took = sorted(one.took * 1000 for each in found.values() for one in each)
    goal("time of one forecast, in the middle", median(took), 0, 10, " ms")
    print(f"    the slowest in a hundred {took[int(0.99 * len(took))]:.1f} ms")


if __name__ == "__main__":
    main()
