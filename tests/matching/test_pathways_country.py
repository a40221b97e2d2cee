"""Before the remote sessions of a country: the bounds spare work and change no answer."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from matching.pathways import OccupationGoal, compose
from matching.pathways.bounds import Bounds
from matching.pathways.labels import Label
from matching.pathways.prospects import Prospects
from matching.pathways.search import Search
from matching.records import Occupation, Person, Prerequisite, Session, Taxonomy
from matching.sessions import NEVER
from tests.matching.test_pathways import HOME, TODAY, assert_exact_front, day, index_of
from tests.reference.pathways_reference import Case, PathwayOptions

CORE = tuple(f"s{n}" for n in range(8))
ASKED = tuple(f"q{n}" for n in range(12))
TAXONOMY = Taxonomy(occupations={"F1702": Occupation("F1702", "VRD", CORE)})
GOAL = OccupationGoal("F1702")


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


def _taken(case: Case, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many times a composition puts a session after others."""
    taken, take = [], Search._take

    def counted(self: Search, label: Label, number: int) -> Label:
        taken.append(number)
        return take(self, label, number)

    with monkeypatch.context() as patched:
        patched.setattr(Search, "_take", counted)
        compose(index_of(list(case.sessions), TAXONOMY), case.person, GOAL, TODAY)
    return len(taken)


def _loosen(patched: pytest.MonkeyPatch) -> None:
    """The search with its plain bound alone."""
    patched.setattr(Prospects, "last_end", lambda *_: NEVER)
    patched.setattr(Bounds, "endable", lambda *_: True)
    patched.setattr(Bounds, "asked_later", lambda bounds, *_: bounds.board.firm)


def test_far_fewer_sessions_are_put_after_others_than_the_plain_bound_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A newcomer of whom nothing of the trade is known, but prerequisites they lack: sessions in
    # a row could answer much and close nothing, and the plain bound tries them all.
    case = _case(seed=1, sessions=300, gaps=0, prerequisites=5)
    spared = _taken(case, monkeypatch)
    with monkeypatch.context() as patched:
        _loosen(patched)
        tried = _taken(case, patched)
    assert spared < 1_000
    assert tried > 20 * spared


@pytest.mark.parametrize("gaps", range(7))
def test_the_tight_bounds_change_no_answer(gaps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(4):
        case = _case(seed, sessions=45, gaps=gaps, prerequisites=3)
        index = index_of(list(case.sessions), TAXONOMY)
        answer = compose(index, case.person, GOAL, TODAY)
        with monkeypatch.context() as patched:
            _loosen(patched)
            assert compose(index, case.person, GOAL, TODAY) == answer


@pytest.mark.parametrize("gaps", range(7))
def test_the_front_of_a_little_country_is_exact(gaps: int) -> None:
    for seed in range(4):
        assert_exact_front(_case(seed, sessions=12, gaps=gaps, prerequisites=2, days=200))
