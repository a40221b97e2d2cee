"""Catalogues where nearly every session teaches several skills of the goal, each its own mix.

The hardest that a composition meets: nothing sorts the sessions out beforehand, as any of them may
follow nearly any other. A *catalogue* is drawn with a fixed seed: ``sessions``, remote, hence all
in reach, spread over ten months, of 2, 5, 10 or 30 days; a trade of ``gaps`` skills that the
newcomer lacks and two that nobody has asked them about. A session teaches two to four skills of
the trade, and two of twelve others; three in ten ask one skill of the trade or of the others first,
four in ten deliver one of nine credentials. Of the others, the newcomer lacks three.

``python -m benchmarks.pathways --dense`` composes for the newcomer before each, and prints the
processor time of a composition, how many scenarios it found, and what it went through: the
sessions that the search put after others, and the *labels* that it went on from.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import NamedTuple
from unittest.mock import patch

import numpy as np

from matching import Commune, Index, Occupation, Person, Prerequisite, Session, Taxonomy
from matching.pathways import OccupationGoal, Traveller, compose_for
from matching.pathways.labels import Label
from matching.pathways.search import Growth, Search

TODAY = date(2026, 11, 20)
HOME = Commune("62041", 50.291, 2.777)
TRADE = OccupationGoal("F1702")
SIZES, GAPS = (200, 500, 1000), range(3, 9)
_SILENT = 2
_OTHERS = tuple(f"o{n}" for n in range(12))


class Dense(NamedTuple):
    """A catalogue and the newcomer before it."""

    index: Index
    newcomer: Person


def dense(seed: int, sessions: int, gaps: int) -> Dense:
    """A catalogue of so many sessions before a newcomer who lacks ``gaps`` skills of a trade."""
    pick = random.Random(f"{seed} {sessions} {gaps}")
    core = tuple(f"s{n}" for n in range(gaps + _SILENT))
    trade = Occupation(TRADE.occupation, "Roads", core)
    rows = [_session(pick, number, core) for number in range(sessions)]
    lacked = [*pick.sample(core, gaps), *pick.sample(_OTHERS, 3)]
    index = Index.build((), (), rows, (HOME,), Taxonomy(occupations={trade.code: trade}), TODAY)
    return Dense(index, Person("p", HOME.code, TODAY, dict.fromkeys(lacked, 0)))


def _session(pick: random.Random, number: int, core: tuple[str, ...]) -> Session:
    start = TODAY + timedelta(days=pick.randint(7, 306))
    asked = Prerequisite(skill=pick.choice((*core, *_OTHERS)), level=1)
    return Session(
        id=f"t{number:04}",
        start=start,
        end=start + timedelta(days=pick.choice((2, 5, 10, 30))),
        seats_left=3,
        remote=True,
        prerequisites=(asked,) if pick.random() < 0.3 else (),
        teaches=dict.fromkeys(pick.sample(core, pick.randint(2, 4)) + pick.sample(_OTHERS, 2), 2),
        delivers=frozenset({f"c{pick.randrange(9)}"} if pick.random() < 0.4 else ()),
    )


class Work:
    """What the searches go through while they are counted."""

    def __init__(self) -> None:
        self.sessions = self.labels = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what compositions do meanwhile."""
        take, visit = Search._take, Search._visit

        def taking(search: Search, label: Label, number: int) -> Label:
            self.sessions += 1
            return take(search, label, number)

        def visiting(search: Search, growth: Growth) -> None:
            self.labels += len(growth.labels)
            visit(search, growth)

        with patch.object(Search, "_take", taking), patch.object(Search, "_visit", visiting):
            yield


def _composed(world: Dense) -> tuple[float, int]:
    """The milliseconds of processor that a composition takes, and how many scenarios it has."""
    traveller = Traveller(world.index, world.newcomer, TODAY)
    _ = traveller.availability
    start = time.process_time()
    found = compose_for(traveller, TRADE)
    return 1000 * (time.process_time() - start), len(found.scenarios)


def measure(catalogues: int) -> None:
    """Print a line for each size and number of gaps, over so many catalogues of each."""
    print("sessions gaps   median      p95  slowest (ms)   scenarios   sessions tried   labels")
    _composed(dense(0, SIZES[0], GAPS[0]))
    for sessions in SIZES:
        for gaps in GAPS:
            worlds = [dense(seed, sessions, gaps) for seed in range(catalogues)]
            taken, found = zip(*(_composed(world) for world in worlds), strict=True)
            half, high, most = np.percentile(taken, (50, 95, 100))
            work = Work()
            with work.counted():
                for world in worlds:
                    _composed(world)
            print(
                f"{sessions:8} {gaps:4} {half:8.1f} {high:8.1f} {most:8.1f}"
                f" {sum(found) / catalogues:16.1f} {work.sessions / catalogues:16.0f}"
                f" {work.labels / catalogues:8.0f}"
            )
