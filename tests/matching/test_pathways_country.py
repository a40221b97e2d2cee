"""Before the sessions of a country, and dense ones: the bounds spare work and change no answer."""

from __future__ import annotations

import random
from datetime import timedelta

import numpy as np
import pytest

from benchmarks.pathways_dense import TRADE, Work, dense
from matching.index import Index
from matching.pathways import OccupationGoal, compose, prospects, search
from matching.pathways.bounds import Bounds
from matching.pathways.prospects import MOST_BITS, Days, Prospects
from matching.pathways.search import Search
from matching.records import Occupation, Person, Prerequisite, Session, Taxonomy
from matching.sessions import HORIZON_DAYS
from tests.matching.test_pathways import HOME, TODAY, assert_exact_front, day, index_of
from tests.reference.pathways_reference import Case, PathwayOptions

CORE = tuple(f"s{n}" for n in range(8))
ASKED = tuple(f"q{n}" for n in range(12))
TAXONOMY = Taxonomy(occupations={"F1702": Occupation("F1702", "VRD", CORE)})
GOAL = OccupationGoal("F1702")


@pytest.fixture(autouse=True)
def _as_before_many_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little worlds, with the tables and the first limits that only many sessions are worth."""
    monkeypatch.setattr(prospects, "FEW_COURSES", 0)
    monkeypatch.setattr(search, "MANY_COURSES", 0)


def _session(pick: random.Random, number: int, days: int) -> Session:
    start = day(pick.randint(1, days))
    taught = pick.sample(CORE, 3) + pick.sample(ASKED, 2)
    asked = [Prerequisite(skill=pick.choice((*CORE, *ASKED)), level=1)]
    return Session(
        id=f"t{number:03}",
        start=start,
        end=start + timedelta(days=pick.choice((2, 5, 10, 30))),
        seats_left=3,
        commune=None,
        remote=True,
        prerequisites=tuple(asked) if pick.random() < 0.4 else (),
        teaches={skill: pick.choice((2, 2, 3)) for skill in taught},
        delivers=frozenset({f"c{pick.randrange(9)}"} if pick.random() < 0.4 else ()),
    )


def _case(seed: int, sessions: int, gaps: int, prerequisites: int, days: int = 270) -> Case:
    """A newcomer who lacks ``gaps`` core skills and some prerequisites, and is silent else."""
    pick = random.Random(seed)
    lacked = [*pick.sample(CORE, gaps), *pick.sample(ASKED, prerequisites)]
    person = Person("p", HOME, TODAY, skills=dict.fromkeys(lacked, 0))
    rows = [_session(pick, n, days) for n in range(sessions)]
    return Case(rows, TAXONOMY, person, GOAL, TODAY, PathwayOptions())


def _index(case: Case) -> Index:
    return index_of(list(case.sessions), TAXONOMY)


def _tried(index: Index, person: Person, goal: OccupationGoal) -> int:
    """How many times a composition puts a session after others."""
    work = Work()
    with work.counted():
        compose(index, person, goal, index.today)
    return work.sessions


def _no_last_end(*_: object) -> Days:
    """By set of bits, a day that never comes."""
    return np.full(1 << MOST_BITS, np.iinfo(np.int16).max, dtype=np.int16)


def _loosen(patched: pytest.MonkeyPatch) -> None:
    """The search with its plain bound alone."""
    patched.setattr(Prospects, "last_ends", _no_last_end)
    patched.setattr(Search, "_early_hires", lambda *_: ())
    patched.setattr(Bounds, "endable", lambda *_: True)
    patched.setattr(Bounds, "asked_later", lambda bounds, *_: bounds.board.firm)


def test_far_fewer_sessions_are_put_after_others_than_the_plain_bound_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A newcomer of whom nothing of the trade is known, but prerequisites they lack: sessions in
    # a row could answer much and close nothing, and the plain bound tries them all.
    case = _case(seed=1, sessions=300, gaps=0, prerequisites=5)
    spared = _tried(_index(case), case.person, GOAL)
    with monkeypatch.context() as patched:
        _loosen(patched)
        tried = _tried(_index(case), case.person, GOAL)
    assert spared < 1_000
    assert tried > 20 * spared


@pytest.mark.parametrize("gaps", range(7))
def test_the_tight_bounds_change_no_answer(gaps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(4):
        case = _case(seed, sessions=45, gaps=gaps, prerequisites=3)
        index = _index(case)
        answer = compose(index, case.person, GOAL, TODAY)
        with monkeypatch.context() as patched:
            _loosen(patched)
            assert compose(index, case.person, GOAL, TODAY) == answer


@pytest.mark.parametrize("immersed", [True, False])
@pytest.mark.parametrize("gaps", [3, 5])
def test_nor_where_sessions_each_teach_a_mix_of_what_lacks(
    gaps: int, immersed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = PathwayOptions(immersion_notice=14 if immersed else HORIZON_DAYS)
    for seed in range(6):
        index, newcomer = dense(seed, 60, gaps)
        answer = compose(index, newcomer, TRADE, index.today, options)
        with monkeypatch.context() as patched:
            _loosen(patched)
            assert compose(index, newcomer, TRADE, index.today, options) == answer


def test_few_sessions_of_a_dense_catalogue_are_tried() -> None:
    index, newcomer = dense(0, 1000, 8)
    assert _tried(index, newcomer, TRADE) < 1_000


@pytest.mark.parametrize("gaps", range(7))
def test_the_front_of_a_little_country_is_exact(gaps: int) -> None:
    for seed in range(4):
        assert_exact_front(_case(seed, sessions=12, gaps=gaps, prerequisites=2, days=200))
